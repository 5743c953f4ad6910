// Every structure of RFC 9420 that comes from outside: what decodes encodes to the same bytes, and nothing
// crashes.
#include "lib/mls/public/decode.h"
#include "lib/mls/public/leaf_validation.h"
#include "lib/mls/public/public_group.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/mls_world.h"

namespace wardline::fuzz {
namespace {

using namespace mls;

template <class T>
std::optional<T> check(ByteView wire) {
  auto value = mls::decode<T>(wire);
  if (!value) return std::nullopt;
  FUZZ_CHECK(equal(tls::encode(*value), wire), "a value has one wire form");
  return std::move(*value);
}

/// One after the other: types of a KeyPackage's, a GroupInfo's and a GroupContext's extensions.
void read_extensions(const Extensions& extensions) {
  static_cast<void>(has_duplicate_types(extensions));
  static_cast<void>(read_extension<RequiredCapabilities>(extensions));
  static_cast<void>(read_extension<ApplicationId>(extensions));
  static_cast<void>(read_extension<ExternalPub>(extensions));
  static_cast<void>(read_extension<ExternalSenders>(extensions));
  static_cast<void>(read_extension<RatchetTreeWire>(extensions));
}

void look_at(const KeyPackage& package) {
  const Believer believer;
  const Validation validation{believer, LifetimeCheck{.now = 1500}};
  const auto parameters = GroupParameters::create(package.version, package.cipher_suite, {});
  if (parameters) static_cast<void>(validate_key_package(package, *parameters, validation));
  read_extensions(package.extensions);
}

void look_at(const GroupInfo& info, std::optional<RatchetTreeWire> tree) {
  const Believer believer;
  const Validation validation{believer, {}};
  static_cast<void>(PublicGroup::create(info, std::move(tree), validation));
  read_extensions(info.extensions);
  read_extensions(info.group_context.extensions);
}

/// A tree that has the right shape, whoever is in it, must bear every question.
void look_at(const RatchetTreeWire& wire) {
  const Suite& suite = *crypto::find_suite(CipherSuite::x25519_aes128gcm_sha256_ed25519);
  auto tree = RatchetTree::from_wire(suite, wire, {.leaves = 1U << 10});
  if (!tree) return;
  FUZZ_CHECK(tree->to_wire() == wire, "a tree is written as it was read");
  static_cast<void>(tree->tree_hash());
  static_cast<void>(tree->verify_parent_hashes());
  tree->for_each_member(
      [&](LeafIndex index, const LeafNode&) { static_cast<void>(tree->filtered_direct_path(index)); });
}

void look_at_message(ByteView wire) {
  const auto message = check<MlsMessage>(wire);
  if (!message) return;
  if (const auto* package = message->as<KeyPackage>()) look_at(*package);
  if (const auto* info = message->as<GroupInfo>()) look_at(*info, {});
}

void look_at_group(Input& input) {
  const auto tree = check<RatchetTreeWire>(input.bytes());
  const auto info = check<GroupInfo>(input.rest());
  if (info) look_at(*info, tree);
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline::fuzz;
  using namespace wardline;
  Input input(data, size);
  switch (input.byte()) {
    case 0:
      look_at_message(input.rest());
      break;
    case 1:
      if (const auto package = check<mls::KeyPackage>(input.rest())) look_at(*package);
      break;
    case 2:
      check<mls::Welcome>(input.rest());
      break;
    case 3:
      look_at_group(input);
      break;
    case 4:
      if (const auto tree = check<mls::RatchetTreeWire>(input.rest())) look_at(*tree);
      break;
    case 5:
      check<mls::Proposal>(input.rest());
      break;
    case 6:
      check<mls::Commit>(input.rest());
      break;
    case 7:
      check<mls::AuthenticatedContent>(input.rest());
      break;
    case 8:
      check<mls::PublicMessage>(input.rest());
      break;
    case 9:
      check<mls::PrivateMessage>(input.rest());
      break;
    case 10:
      if (const auto extensions = check<mls::Extensions>(input.rest())) read_extensions(*extensions);
      break;
    case 11:
      check<mls::LeafNode>(input.rest());
      break;
    case 12:
      check<mls::ExternalSender>(input.rest());
      break;
    default:
      check<mls::GroupContext>(input.rest());
  }
  return 0;
}
