// Who asks and from where: what services take with every request, and the audit entry that it becomes.
#pragma once

#include "lib/bytes/bytes.h"
#include "server/audit/append.h"
#include "server/identity/environment.h"
#include "server/policy/decide.h"

namespace wardline::identity {

/// An IP address in network order, 4 or 16 bytes. IPv4 in IPv6 counts as IPv4.
struct RemoteAddress {
  Bytes bytes;

  /// What limits count: an IPv4 address, the /64 of an IPv6 one.
  Bytes subscriber() const;
};

struct Requester {
  policy::Subject subject;
  RemoteAddress from;
};

/// An entry that says who asked, under which session and device, and from which network.
audit::Entry entry_by(const Requester& who, audit::Act act, audit::Outcome outcome, core::Time at);
/// An entry of a permitted action, with the rule that permitted it.
audit::Entry entry_by(const Requester& who, audit::Act act, const policy::Decision& decision, core::Time at);

/// Writes down that policy said no (AUD-1). In a transaction of its own: call it outside of any.
core::Error record_denial(const Environment& environment, const Requester& who, policy::Action action,
                          const policy::Decision& decision, std::vector<audit::Object> objects = {});

/// policy::authorize, with the denial audited. Call it outside of any transaction.
template <policy::Action A>
core::Result<policy::Authorized<A>> authorize(const Environment& environment, const Requester& who,
                                              const policy::Resource& resource,
                                              std::vector<audit::Object> objects = {}) {
  auto proof = policy::authorize<A>(environment.policy, who.subject, resource);
  if (proof) return proof;
  const auto decision = policy::decide(environment.policy, who.subject, A, resource);
  return std::unexpected(record_denial(environment, who, A, decision, std::move(objects)));
}

}  // namespace wardline::identity
