#include "server/identity/requester.h"

namespace wardline::identity {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

Bytes RemoteAddress::subscriber() const {
  const ByteView view = bytes;
  if (view.size() != 16) return bytes;
  if (equal(view.first(12), kMappedPrefix)) return to_bytes(view.subspan(12));
  return to_bytes(view.first(8));
}

audit::Entry entry_by(const Requester& who, audit::Act act, audit::Outcome outcome, core::Time at) {
  audit::Entry entry = who.subject.stage == policy::Stage::none
                           ? audit::Entry::by_nobody(act, outcome, at)
                           : audit::Entry::by(who.subject, act, outcome, at);
  entry.network = audit::Network::of_address(who.from.bytes);
  return entry;
}

audit::Entry entry_by(const Requester& who, audit::Act act, const policy::Decision& decision, core::Time at) {
  audit::Entry entry =
      entry_by(who, act, decision.permitted() ? audit::Outcome::done : audit::Outcome::denied, at);
  if (!decision.permitted()) entry.reason = audit::Code::of(decision);
  entry.rule = audit::Code::rule_of(decision);
  entry.facts.push_back({audit::Fact::Name::policy_version, decision.policy_version});
  return entry;
}

core::Error record_denial(const Environment& environment, const Requester& who, policy::Action action,
                          const policy::Decision& decision, std::vector<audit::Object> objects) {
  audit::Entry entry = entry_by(who, action, decision, environment.clock.now());
  entry.objects = std::move(objects);
  const core::Result<void> recorded =
      environment.database.write([&](storage::Transaction& tx) -> core::Result<void> {
        audit::append(tx, entry);
        return {};
      });
  // Where the denial cannot be written down the answer is that, so that probing does not go unseen.
  return recorded ? policy::denial(decision, action) : recorded.error();
}

}  // namespace wardline::identity
