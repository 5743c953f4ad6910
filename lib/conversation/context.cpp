#include "lib/conversation/context.h"

#include "lib/mls/public/leaf_validation.h"

namespace wardline::conversation {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::uint64_t kHour = 3600;
constexpr std::uint64_t kMonth = kHour * 24 * 30;

mls::LeafDescription describe(const mls::Credential& credential) {
  mls::LeafDescription leaf{credential, mls::LeafDescription::default_capabilities(credential), {}};
  leaf.capabilities.extensions.push_back(mls::ExtensionType{0x000a});  // last_resort, RFC 9420 §17.3.
  return leaf;
}

Outcome<transparency::LogView> open_log(const Identity& identity) {
  if (identity.device_log.empty()) {
    auto fresh = transparency::LogView::create(identity.device_log_key);
    if (!fresh) return failed(fresh.error());
    return std::move(*fresh);
  }
  auto kept = transparency::LogView::open(identity.device_log);
  if (!kept) return failed(Code::unreadable_state);
  if (kept->key() != identity.device_log_key) return failed(transparency::Alarm::other_key);
  return std::move(*kept);
}

}  // namespace

Context::Context(const mls::Suite& suite, Device device, std::unique_ptr<crypto::Signer> signer,
                 mls::LeafDescription leaf, mls::ExternalSender server, DeviceAuthority authority,
                 crypto::Validity validity)
    : suite_(&suite),
      device_(std::move(device)),
      signer_(std::move(signer)),
      leaf_(std::move(leaf)),
      server_(std::move(server)),
      validity_(validity),
      authority_(std::move(authority)),
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

  auto log = open_log(identity);
  if (!log) return std::unexpected(log.error());
  DeviceAuthority trusted(std::move(*authority), *server, std::move(*log),
                          identity.certificate_chain.front());

  auto leaf = describe(mls::Credential::x509(identity.certificate_chain));
  std::unique_ptr<Context> context(new Context(*suite, identity.device, std::move(signer), std::move(leaf),
                                               std::move(*server), std::move(trusted), own->validity()));
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

LogStatus Context::log_status() const {
  const transparency::LogView& log = authority_.log();
  return {log.size(), log.checkpoint(), log.unread(), log.state()};
}

Outcome<LogStatus> Context::learn(std::string_view checkpoint, std::span<const merkle::Hash> consistency) {
  if (const auto learnt = authority_.log().learn(checkpoint, consistency); !learnt) {
    return failed(learnt.error());
  }
  return log_status();
}

Outcome<LogStatus> Context::prove(std::span<const LoggedCertificate> logged) {
  for (const LoggedCertificate& each : logged) {
    if (const auto proven = authority_.prove(each); !proven) return std::unexpected(proven.error());
  }
  return log_status();
}

Outcome<ReadEntries> Context::read_log(std::span<const std::string> entries,
                                       std::span<const merkle::Hash> proof) {
  const auto said = authority_.log().read(entries, proof);
  if (!said) return failed(said.error());
  ReadEntries read;
  for (const transparency::IssuedCertificate& issued : *said) {
    if (issued.user_id != device_.user_id || issued.device_id == device_.device_id) continue;
    const auto certificate = crypto::Certificate::parse(issued.certificate);
    const std::int64_t since = certificate ? certificate->validity().not_before : 0;
    read.own.push_back({issued.device_id, static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0))});
  }
  read.status = log_status();
  return read;
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
