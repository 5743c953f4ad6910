// RFC 9420 §12.4.3.1, §12.4.2: a client that only joins and follows.
#include <map>

#include "lib/mls/member/group.h"
#include "lib/mls/public/decode.h"
#include "tests/mls_vectors/formats.h"

namespace wardline::mls_vectors {
namespace {

using namespace mls;

/// Recorded groups have made-up credentials.
class AcceptRecorded final : public CredentialValidator {
 public:
  bool accepts(const Credential&, const SignaturePublicKey&, CredentialRole) const override { return true; }
  bool accepts_successor(const Credential&, const Credential&) const override { return true; }
};

class RecordedPsks final : public PskStore {
 public:
  explicit RecordedPsks(const Case& a_case) {
    for (const Case& psk : a_case.objects("external_psks"))
      psks_.emplace(psk.bytes("psk_id"), psk.bytes("psk"));
  }
  std::optional<SecretBytes> find(const PreSharedKeyId& id) const override {
    const auto* external = std::get_if<ExternalPskId>(&id.key);
    const auto found = external ? psks_.find(external->psk_id) : psks_.end();
    if (found == psks_.end()) return std::nullopt;
    return SecretBytes(ByteView(found->second));
  }

 private:
  std::map<Bytes, Bytes> psks_;
};

KeyPackageBundle read_bundle(const Case& a_case) {
  const Suite& suite = a_case.suite();
  const auto message = require("key_package", decode_message(a_case.bytes("key_package")));
  expect("it is a KeyPackage", message.as<KeyPackage>() != nullptr);
  auto init = a_case.hpke_key(suite, "init_priv");
  auto leaf = a_case.hpke_key(suite, "encryption_priv");
  const auto signer = a_case.signing_key(suite, "signature_priv");
  expect_equal("signature key", signer.public_key(), message.as<KeyPackage>()->leaf_node.signature_key);
  return require("key package",
                 KeyPackageBundle::from_keys(*message.as<KeyPackage>(), std::move(init), std::move(leaf)));
}

void follow(Group& group, const Case& epoch, const Environment& environment) {
  for (const Bytes& proposal : epoch.byte_list("proposals")) {
    const auto message = require("proposal", decode_message(proposal));
    const auto event = require("receiving a proposal", group.receive(message, environment));
    expect("it is a proposal", std::holds_alternative<ReceivedProposal>(event));
  }
  const auto message = require("commit", decode_message(epoch.bytes("commit")));
  auto event = require("receiving the commit", group.receive(message, environment));
  auto* commit = std::get_if<ReceivedCommit>(&event);
  expect("it is a commit", commit != nullptr);
  require("merging", group.merge(std::move(*commit)));
  expect_equal("epoch_authenticator", group.epoch_authenticator(), epoch.bytes("epoch_authenticator"));
}

}  // namespace

void check_passive_client(const Case& a_case) {
  const KeyPackageBundle bundle = read_bundle(a_case);
  const AcceptRecorded credentials;
  const RecordedPsks psks(a_case);
  const Validation validation{.credentials = credentials,
                              .lifetimes = {},
                              .limits = {},
                              .capability_lists = CapabilityLists::may_omit_implied};
  const Environment environment{validation, &psks};
  JoinInput input;
  input.config.kept_resumption_psks = 1000;
  if (a_case.has("ratchet_tree")) {
    input.tree = require("ratchet_tree", decode<RatchetTreeWire>(a_case.bytes("ratchet_tree")));
  }
  const auto message = require("welcome", decode_message(a_case.bytes("welcome")));
  expect("it is a Welcome", message.as<Welcome>() != nullptr);
  auto group = require("joining", Group::join(*message.as<Welcome>(), bundle, std::move(input), environment));
  expect_equal("initial_epoch_authenticator", group.epoch_authenticator(),
               a_case.bytes("initial_epoch_authenticator"));
  std::size_t number = 0;
  for (const Case& epoch : a_case.objects("epochs")) {
    try {
      follow(group, epoch, environment);
    } catch (const Mismatch& mismatch) {
      throw Mismatch("epoch entry " + std::to_string(number) + ": " + mismatch.what());
    }
    ++number;
    // Storage in between must not change anything.
    const SealingKey key = SealingKey::generate();
    group = require("load", Group::load(key, require("serialize", group.serialize(key))));
  }
}

}  // namespace wardline::mls_vectors
