// A module for tests: plays the official vectors of RFC 9420 for clients that join and follow, on the host's
// primitives. The same as tests/mls_vectors/member_passive.cpp, for where there are no exceptions and no
// JSON.
#include "lib/crypto/host/imports.h"
#include "lib/mls/member/group.h"
#include "lib/mls/public/decode.h"

#define WARDLINE_WASM_EXPORT(name) extern "C" __attribute__((export_name(#name), visibility("default")))

namespace wardline::wasm {
namespace {

using namespace mls;

struct VectorPsk {
  Bytes id;
  Bytes secret;
  WARDLINE_TLS_FIELDS(id, secret)
};

struct VectorEpoch {
  std::vector<Bytes> proposals;
  Bytes commit;
  Bytes epoch_authenticator;
  WARDLINE_TLS_FIELDS(proposals, commit, epoch_authenticator)
};

struct PassiveClient {
  CipherSuite suite{};
  Bytes key_package;
  SecretBytes init_key;
  SecretBytes leaf_key;
  std::vector<VectorPsk> psks;
  std::optional<Bytes> ratchet_tree;
  Bytes welcome;
  Bytes epoch_authenticator;
  std::vector<VectorEpoch> epochs;
  WARDLINE_TLS_FIELDS(suite, key_package, init_key, leaf_key, psks, ratchet_tree, welcome,
                      epoch_authenticator, epochs)
};

/// Recorded groups have made-up credentials.
class AcceptRecorded final : public CredentialValidator {
 public:
  bool accepts(const Credential&, const SignaturePublicKey&, CredentialRole) const override { return true; }
  bool accepts_successor(const Credential&, const Credential&) const override { return true; }
};

class RecordedPsks final : public PskStore {
 public:
  explicit RecordedPsks(const std::vector<VectorPsk>& psks) : psks_(psks) {}
  std::optional<SecretBytes> find(const PreSharedKeyId& id) const override {
    const auto* external = std::get_if<ExternalPskId>(&id.key);
    for (const VectorPsk& each : psks_) {
      if (external && each.id == external->psk_id) return SecretBytes(ByteView(each.secret));
    }
    return std::nullopt;
  }

 private:
  const std::vector<VectorPsk>& psks_;
};

std::string broken_rule(Error error) { return std::string(name_of(error)); }

Result<KeyPackageBundle> read_bundle(const PassiveClient& client, const Suite& suite) {
  const auto message = decode_message(client.key_package);
  if (!message) return std::unexpected(message.error());
  auto init = crypto::HpkePrivateKey::from_raw(suite, client.init_key.view());
  auto leaf = crypto::HpkePrivateKey::from_raw(suite, client.leaf_key.view());
  if (!init || !leaf || !message->as<KeyPackage>()) return broken(Rule::malformed_message);
  return KeyPackageBundle::from_keys(*message->as<KeyPackage>(), std::move(*init), std::move(*leaf));
}

Result<void> follow(Group& group, const VectorEpoch& epoch, const Environment& environment) {
  std::vector<Bytes> messages = epoch.proposals;
  messages.push_back(epoch.commit);
  for (const Bytes& wire : messages) {
    const auto message = decode_message(wire);
    if (!message) return std::unexpected(message.error());
    auto event = group.receive(*message, environment);
    if (!event) return std::unexpected(event.error());
    if (auto* commit = std::get_if<ReceivedCommit>(&*event)) {
      WARDLINE_MLS_TRY(group.merge(std::move(*commit)));
    }
  }
  return require(equal(group.epoch_authenticator(), epoch.epoch_authenticator), Rule::confirmation_tag);
}

/// Empty if the vector holds, else what does not.
std::string check(const PassiveClient& client) {
  const Suite* suite = crypto::find_suite(client.suite);
  if (!suite) return "unknown suite";
  const auto bundle = read_bundle(client, *suite);
  if (!bundle) return "key package: " + broken_rule(bundle.error());
  const AcceptRecorded credentials;
  const RecordedPsks psks(client.psks);
  const Validation validation{.credentials = credentials,
                              .lifetimes = {},
                              .limits = {},
                              .capability_lists = CapabilityLists::may_omit_implied};
  const Environment environment{validation, &psks};
  JoinInput input;
  input.config.kept_resumption_psks = 1000;
  if (client.ratchet_tree) {
    auto tree = decode<RatchetTreeWire>(*client.ratchet_tree);
    if (!tree) return "tree: " + broken_rule(tree.error());
    input.tree = std::move(*tree);
  }
  const auto message = decode_message(client.welcome);
  if (!message || !message->as<Welcome>()) return "welcome";
  auto group = Group::join(*message->as<Welcome>(), *bundle, std::move(input), environment);
  if (!group) return "joining: " + broken_rule(group.error());
  if (!equal(group->epoch_authenticator(), client.epoch_authenticator)) return "initial epoch_authenticator";
  for (std::size_t i = 0; i < client.epochs.size(); ++i) {
    const auto followed = follow(*group, client.epochs[i], environment);
    if (!followed) return "epoch entry " + std::to_string(i) + ": " + broken_rule(followed.error());
  }
  return {};
}

std::string answer;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

WARDLINE_WASM_EXPORT(wardline_allocate) std::uint8_t* wardline_allocate(std::size_t size) {
  return new std::uint8_t[size];
}

WARDLINE_WASM_EXPORT(wardline_check_passive_client)
const char* wardline_check_passive_client(std::uint8_t* input, std::size_t size) {
  const auto client = tls::decode<PassiveClient>({input, size});
  delete[] input;
  answer = client ? check(*client) : "the case does not decode";
  return answer.data();
}

WARDLINE_WASM_EXPORT(wardline_answer_size) std::size_t wardline_answer_size() { return answer.size(); }
WARDLINE_WASM_EXPORT(wardline_answer_done) void wardline_answer_done() { answer.clear(); }
WARDLINE_WASM_EXPORT(wardline_close) void wardline_close() {}

}  // namespace wardline::wasm
