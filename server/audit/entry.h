// The one audit record (AUD-1): who, what, when, where, how, on what, outcome, why. What can be put in is
// decided by type, so that neither PHI nor content can get there (AUD-3): typed ids, enums, numbers, keyed
// hashes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/audit/act.h"
#include "server/audit/code.h"
#include "server/audit/network.h"
#include "server/audit/object.h"
#include "server/core/clock.h"
#include "server/core/id.h"
#include "server/policy/subject.h"

namespace wardline::audit {

/// Who acted. `nobody`: not signed in (a failed sign-in names the account it was for among the objects).
struct Actor {
  enum class Kind : std::uint8_t { nobody, user, system };
  Kind kind = Kind::nobody;
  core::UserId user;  ///< of kind `user`
  std::optional<policy::Role> role;

  static Actor nobody() { return {}; }
  static Actor system() { return {Kind::system, {}, {}}; }
  static Actor of(core::UserId user, policy::Role role) { return {Kind::user, user, role}; }
  bool operator==(const Actor&) const = default;
};

enum class Outcome : std::uint8_t {
  done,    ///< it happened
  denied,  ///< policy or the state of things said no
  failed,  ///< permitted, and did not work
};

/// A number that explains an entry.
struct Fact {
  enum class Name : std::uint8_t {
    count,           ///< how many things
    bytes,           ///< how much
    sequence,        ///< up to which sequence number of a conversation
    epoch,           ///< of an MLS group
    policy_version,  ///< under which the decision fell
    attempts,        ///< how often it has been tried
    seconds,         ///< how long
  };
  Name name;
  std::int64_t value;
  bool operator==(const Fact&) const = default;
};

struct Entry {
  core::AuditEntryId id;
  core::Time at;
  Actor actor;
  Act act = SystemAct::start;
  Outcome outcome = Outcome::done;
  std::optional<Code> reason =
      {};  ///< why: the stable code of a decision or an error, or a reason that a person chose
  std::optional<Code> rule = {};  ///< the policy rule that decided
  std::optional<core::SessionId> session = {};
  std::optional<core::DeviceId> device = {};
  std::optional<Network> network = {};           ///< from where; nothing for what the server does by itself
  std::vector<Object> objects = {};              ///< on what
  std::optional<PatientReference> patient = {};  ///< whom it is about
  std::vector<core::UserId> recipients = {};     ///< to whom
  std::vector<Fact> facts = {};

  bool operator==(const Entry&) const = default;

  /// With a fresh id, by whoever `subject` is, under the session and device that it states.
  static Entry by(const policy::Subject& subject, Act act, Outcome outcome, core::Time at);
  /// Of something that the server does by itself.
  static Entry by_system(SystemAct act, Outcome outcome, core::Time at);
  /// Of somebody who is not signed in.
  static Entry by_nobody(Act act, Outcome outcome, core::Time at);
};

/// More recipients or objects than this do not fit into one entry of the log; whoever has more writes several
/// entries.
inline constexpr std::size_t kMostListed = 600;

/// The canonical form: one JSON object on one line, members in a fixed order, absent ones left out, no white
/// space (docs/audit-log-format.md). These bytes are the leaf of the Merkle tree. Throws std::length_error
/// above kMostListed.
std::string encode(const Entry& entry);
/// Accepts exactly what `encode` writes; nothing for anything else.
std::optional<Entry> decode(std::string_view text);

}  // namespace wardline::audit
