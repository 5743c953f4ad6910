#include "tests/mls_vectors/generate.h"

#include <fstream>

#include "lib/bytes/text.h"
#include "lib/crypto/random.h"
#include "lib/mls/member/external_join.h"
#include "lib/mls/member/protection.h"
#include "tests/mls_vectors/vector_case.h"

namespace wardline::mls_vectors {
namespace {

using namespace mls;
namespace json = boost::json;

class AcceptMadeUp final : public CredentialValidator {
 public:
  bool accepts(const Credential&, const SignaturePublicKey&, CredentialRole) const override { return true; }
  bool accepts_successor(const Credential&, const Credential&) const override { return true; }
};

class OnePsk final : public PskStore {
 public:
  Bytes id = crypto::random_bytes(8);
  Bytes secret = crypto::random_bytes(32);
  std::optional<SecretBytes> find(const PreSharedKeyId& wanted) const override {
    const auto* external = std::get_if<ExternalPskId>(&wanted.key);
    if (!external || external->psk_id != id) return std::nullopt;
    return SecretBytes(ByteView(secret));
  }
};

struct Device {
  Device(const Suite& suite, std::string_view name)
      : signer(require("signing key", crypto::SigningKey::generate(suite.signature))),
        leaf{Credential::basic(to_bytes(as_bytes(name))), {}, {}},
        bundle(make_bundle(suite)) {}

  KeyPackageBundle make_bundle(const Suite& suite) {
    leaf.capabilities = LeafDescription::default_capabilities(leaf.credential);
    return require("key package", KeyPackageBundle::create(suite, signer, leaf, {0, ~std::uint64_t{0}}));
  }

  crypto::SigningKey signer;
  LeafDescription leaf;
  KeyPackageBundle bundle;
};

json::string hex(ByteView bytes) { return json::string(to_hex(bytes)); }

/// Alice and Bob change their group while a passive client looks on.
class PassiveCase {
 public:
  PassiveCase(const Suite& suite, WireFormat handshake, bool tree_aside)
      : suite_(suite),
        handshake_(handshake),
        tree_aside_(tree_aside),
        validation_{.credentials = credentials_, .lifetimes = {}},
        environment_{validation_, &psk_},
        alice_(suite, "alice"),
        bob_(suite, "bob"),
        passive_(suite, "passive") {}

  json::object make() {
    start();
    invite_passive();
    step({.proposals = {}, .with_path = true}, {propose_update()});
    const Device dave(suite_, "dave");
    CommitRequest request;
    request.proposals.push_back({Add{dave.bundle.key_package()}});
    request.proposals.push_back({PreSharedKey{psk_id()}});
    step(std::move(request), {});
    if (handshake_ == WireFormat::public_message) join_from_outside();
    CommitRequest removal;
    removal.proposals.push_back({Remove{bobs_->own_leaf()}});
    step(std::move(removal), {});
    case_["epochs"] = std::move(epochs_);
    return std::move(case_);
  }

 private:
  PreSharedKeyId psk_id() const { return {ExternalPskId{psk_.id}, crypto::random_bytes(suite_.hash_size)}; }
  GroupConfig config() const {
    GroupConfig config;
    config.handshake = handshake_;
    return config;
  }

  void start() {
    alices_.emplace(require(
        "create",
        Group::create({suite_, crypto::random_bytes(16), alice_.leaf, {0, ~std::uint64_t{0}}, {}, config()},
                      alice_.signer, environment_)));
    CommitRequest request;
    request.proposals.push_back({Add{bob_.bundle.key_package()}});
    const auto sent = require("commit", alices_->commit(std::move(request), alice_.signer, environment_));
    require("merge", alices_->merge_pending());
    JoinInput input;
    input.config = config();
    bobs_.emplace(require(
        "join", Group::join(*sent.welcome->as<Welcome>(), bob_.bundle, std::move(input), environment_)));
  }

  void invite_passive() {
    CommitRequest request{.proposals = {}, .with_path = true, .tree_in_welcome = !tree_aside_};
    request.proposals.push_back({Add{passive_.bundle.key_package()}});
    request.proposals.push_back({PreSharedKey{psk_id()}});
    const auto sent = require("commit", alices_->commit(std::move(request), alice_.signer, environment_));
    require("merge", alices_->merge_pending());
    to_bob(sent.commit);
    case_["cipher_suite"] = static_cast<std::uint64_t>(suite_.id);
    case_["external_psks"] = json::array{json::object{{"psk_id", hex(psk_.id)}, {"psk", hex(psk_.secret)}}};
    case_["key_package"] = hex(tls::encode(MlsMessage{passive_.bundle.key_package()}));
    case_["signature_priv"] = hex(passive_.signer.to_raw().view());
    case_["encryption_priv"] = hex(passive_.bundle.leaf_key().to_raw().view());
    case_["init_priv"] = hex(passive_.bundle.init_key().to_raw().view());
    case_["welcome"] = hex(tls::encode(*sent.welcome));
    case_["ratchet_tree"] = nullptr;
    if (tree_aside_) case_["ratchet_tree"] = hex(tls::encode(alices_->tree().to_wire()));
    case_["initial_epoch_authenticator"] = hex(alices_->epoch_authenticator());
  }

  void to_bob(const MlsMessage& message) {
    auto event = require("bob receives", bobs_->receive(message, environment_));
    if (auto* commit = std::get_if<ReceivedCommit>(&event))
      require("bob merges", bobs_->merge(std::move(*commit)));
  }

  MlsMessage propose_update() {
    auto message = require("update", bobs_->propose_update({}, bob_.signer, environment_));
    require("alice receives", alices_->receive(message, environment_));
    return message;
  }

  void record(const MlsMessage& commit, const std::vector<MlsMessage>& proposals) {
    json::array list;
    for (const auto& proposal : proposals) list.push_back(hex(tls::encode(proposal)));
    epochs_.push_back(json::object{{"proposals", std::move(list)},
                                   {"commit", hex(tls::encode(commit))},
                                   {"epoch_authenticator", hex(alices_->epoch_authenticator())}});
  }

  void step(CommitRequest request, std::vector<MlsMessage> proposals) {
    const auto sent = require("commit", alices_->commit(std::move(request), alice_.signer, environment_));
    require("merge", alices_->merge_pending());
    to_bob(sent.commit);
    record(sent.commit, proposals);
  }

  void join_from_outside() {
    const Device erin(suite_, "erin");
    const auto info = require("info", alices_->group_info(alice_.signer, {.with_tree = true}));
    const auto join =
        require("external join", ExternalJoin::create(*info.as<GroupInfo>(), {.tree = {}, .leaf = erin.leaf},
                                                      erin.signer, environment_));
    auto event = require("alice receives", alices_->receive(join.commit(), environment_));
    require("alice merges", alices_->merge(std::move(std::get<ReceivedCommit>(event))));
    to_bob(join.commit());
    record(join.commit(), {});
  }

  const Suite& suite_;
  WireFormat handshake_;
  bool tree_aside_;
  AcceptMadeUp credentials_;
  OnePsk psk_;
  Validation validation_;
  Environment environment_;
  Device alice_;
  Device bob_;
  Device passive_;
  std::optional<Group> alices_;
  std::optional<Group> bobs_;
  json::object case_;
  json::array epochs_;
};

/// Bodies of a two-member group, each protected by leaf 1.
class ProtectionCase {
 public:
  explicit ProtectionCase(const Suite& suite)
      : suite_(suite), signer_(require("signing key", crypto::SigningKey::generate(suite.signature))) {
    context_.cipher_suite = suite.id;
    context_.group_id = crypto::random_bytes(16);
    context_.epoch = 1234;
    context_.tree_hash = crypto::random_bytes(suite.hash_size);
    context_.confirmed_transcript_hash = crypto::random_bytes(suite.hash_size);
  }

  json::object make() {
    json::object fields{{"cipher_suite", static_cast<std::uint64_t>(suite_.id)},
                        {"group_id", hex(context_.group_id)},
                        {"epoch", context_.epoch},
                        {"tree_hash", hex(context_.tree_hash)},
                        {"confirmed_transcript_hash", hex(context_.confirmed_transcript_hash)},
                        {"signature_priv", hex(signer_.to_raw().view())},
                        {"signature_pub", hex(signer_.public_key())},
                        {"encryption_secret", hex(encryption_secret_)},
                        {"sender_data_secret", hex(sender_data_secret_)},
                        {"membership_key", hex(membership_key_)}};
    const Proposal proposal{Remove{{0}}};
    Commit commit;
    commit.proposals.push_back({proposal});
    add(fields, "proposal", tls::encode(proposal), proposal);
    add(fields, "commit", tls::encode(commit), commit);
    const Bytes text = crypto::random_bytes(77);
    add(fields, "application", text, ApplicationData{text});
    return fields;
  }

 private:
  AuthenticatedContent sign(const Content& body, WireFormat format) const {
    auto content = require(
        "sign", sign_framed_content(signer_, format,
                                    {context_.group_id, context_.epoch, Sender::member({1}), {}, body},
                                    tls::encode(context_)));
    if (content.content.content_type() == ContentType::commit) {
      content.auth.confirmation_tag = crypto::random_bytes(suite_.hash_size);
    }
    return content;
  }

  void add(json::object& fields, const std::string& name, ByteView encoded, const Content& body) const {
    fields[name] = hex(encoded);
    SecretTree keys(suite_, SecretBytes(ByteView(encryption_secret_)), 2);
    const MlsMessage sealed{require(
        "protect",
        protect_private(suite_, sign(body, WireFormat::private_message), keys, sender_data_secret_, {}))};
    fields[name + "_priv"] = hex(tls::encode(sealed));
    if (content_type_of(body) == ContentType::application) return;
    const MlsMessage open{protect_public(suite_, sign(body, WireFormat::public_message), membership_key_,
                                         tls::encode(context_))};
    fields[name + "_pub"] = hex(tls::encode(open));
  }

  const Suite& suite_;
  crypto::SigningKey signer_;
  GroupContext context_;
  Bytes encryption_secret_ = crypto::random_bytes(suite_.hash_size);
  Bytes sender_data_secret_ = crypto::random_bytes(suite_.hash_size);
  Bytes membership_key_ = crypto::random_bytes(suite_.hash_size);
};

/// One case per line, so that a difference shows which case changed.
void write(const std::filesystem::path& file, const json::array& cases) {
  std::ofstream out(file);
  for (std::size_t i = 0; i < cases.size(); ++i) out << (i == 0 ? "[" : ",\n") << json::serialize(cases[i]);
  out << "]\n";
  if (!out) throw Mismatch("cannot write " + file.string());
}

}  // namespace

void generate(const std::filesystem::path& folder) {
  json::array passive;
  json::array protection;
  for (std::uint16_t id = 1; id <= 7; ++id) {
    const Suite* suite = crypto::find_suite(CipherSuite{id});
    if (!suite) continue;
    passive.push_back(PassiveCase(*suite, WireFormat::public_message, false).make());
    passive.push_back(PassiveCase(*suite, WireFormat::private_message, true).make());
    protection.push_back(ProtectionCase(*suite).make());
  }
  std::filesystem::create_directories(folder);
  write(folder / "passive-client.json", passive);
  write(folder / "message-protection.json", protection);
}

}  // namespace wardline::mls_vectors
