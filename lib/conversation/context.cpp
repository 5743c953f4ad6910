#include "lib/conversation/context.h"

#include "lib/mls/public/leaf_validation.h"

namespace wardline::conversation {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::uint64_t kHour = 60 * 60;
constexpr std::uint64_t kMonth = 30 * 24 * kHour;

mls::LeafDescription describe(const mls::Credential& credential) {
  mls::LeafDescription leaf{credential, mls::LeafDescription::default_capabilities(credential), {}};
  leaf.capabilities.extensions.push_back(mls::ExtensionType{0x000a});  // last_resort, RFC 9420 §17.3.
  return leaf;
}

}  // namespace

Context::Context(const mls::Suite& suite, Device device, std::unique_ptr<crypto::Signer> signer,
                 mls::LeafDescription leaf, mls::ExternalSender server, crypto::Certificate authority,
                 crypto::Validity validity)
    : suite_(&suite),
      device_(std::move(device)),
      signer_(std::move(signer)),
      leaf_(std::move(leaf)),
      server_(std::move(server)),
      validity_(validity),
      authority_(std::move(authority), server_),
      validation_{.credentials = authority_, .lifetimes = mls::LifetimeCheck{}} {}

Outcome<std::unique_ptr<Context>> Context::create(const Identity& identity,
                                                  std::unique_ptr<crypto::Signer> signer, std::int64_t now) {
  const mls::Suite* suite = crypto::find_suite(identity.suite);
  auto server = tls::decode<mls::ExternalSender>(identity.external_sender);
  auto authority = crypto::Certificate::parse(identity.device_ca);
  if (!suite || signer->algorithm() != suite->signature || !server) return failed(Code::bad_request);
  if (!authority || identity.certificate_chain.empty()) return failed(Code::invalid_credential);
  const auto own = crypto::Certificate::parse(identity.certificate_chain.front());
  if (!own) return failed(Code::invalid_credential);

  auto leaf = describe(mls::Credential::x509(identity.certificate_chain));
  std::unique_ptr<Context> context(new Context(*suite, identity.device, std::move(signer), std::move(leaf),
                                               std::move(*server), std::move(*authority), own->validity()));
  context->set_now(now);
  const auto& credential = context->leaf_.credential;
  const auto& key = context->signer_->public_key();
  if (context->authority_.device_of(credential) != identity.device ||
      !mls::check_certificate_key(credential, key) ||
      !context->authority_.accepts(credential, key, mls::CredentialRole::member)) {
    return failed(Code::invalid_credential);
  }
  return context;
}

void Context::set_now(std::int64_t now) {
  authority_.set_now(now);
  validation_.lifetimes->now = static_cast<std::uint64_t>(now / kSecond);
}

mls::Lifetime Context::lifetime() const {
  const std::uint64_t now = validation_.lifetimes->now;
  // Begins in the past: the clocks of others may run late.
  return {now - kHour, std::min(now + kMonth, static_cast<std::uint64_t>(validity_.not_after / kSecond))};
}

std::vector<Device> Context::members_of(const mls::RatchetTree& tree) const {
  std::vector<Device> members;
  tree.for_each_member([&](mls::LeafIndex, const mls::LeafNode& leaf) {
    if (auto device = device_of(leaf)) members.push_back(std::move(*device));
  });
  return members;
}

std::optional<mls::LeafIndex> Context::leaf_of(const mls::RatchetTree& tree, const Device& device) const {
  std::optional<mls::LeafIndex> found;
  tree.for_each_member([&](mls::LeafIndex index, const mls::LeafNode& leaf) {
    if (!found && device_of(leaf) == device) found = index;
  });
  return found;
}

}  // namespace wardline::conversation
