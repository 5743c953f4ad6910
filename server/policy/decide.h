// The one decision point (DESIGN.md §6): may this subject do this action on this resource, and under what
// obligations? Pure: it asks nobody, so every decision can be repeated and explained.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/error.h"
#include "server/policy/rule.h"

namespace wardline::policy {

/// One person who would receive something.
struct Recipient {
  core::UserId user;
  bool active = true;
  bool contact_confirmed = false;
  std::vector<core::ServiceLineId> service_lines = {};
  bool on_care_team = true;  ///< of the attached patient; true where none is attached
};

/// The facts about what is acted upon. Whoever owns the data states them; what is not stated counts as not
/// so.
struct Resource {
  std::optional<core::UserId> owner = {};
  bool member = false;
  bool care_team = false;
  bool patient_conversation = false;
  std::optional<Recipient> recipient = {};
};

enum class Outcome : std::uint8_t { permit, deny };

struct Obligation {
  ObligationKind kind;
  std::optional<core::UserId> user;  ///< the recipient it is about
  std::string_view rule;
  std::string_view text;
  bool operator==(const Obligation&) const = default;
};

struct Decision {
  Outcome outcome = Outcome::deny;
  std::string_view code =
      "not-permitted";    ///< stable reason: "permitted", "not-permitted", "stage-too-low", "forbidden"
  std::string_view rule;  ///< the rule that decided; empty where none permits
  std::vector<Obligation> obligations;
  std::int64_t policy_version = 0;
  bool permitted() const { return outcome == Outcome::permit; }
};

Decision decide(const Policy& policy, const Subject& subject, Action action, const Resource& resource);

/// The same decision in words, one sentence per line: the outcome, then each rule that spoke about it and why
/// it did or did not apply (IAM-14). Holds roles and rule texts, nothing that identifies anybody.
std::string explain(const Policy& policy, const Subject& subject, Action action, const Resource& resource);

/// Whether somebody may do this to anything at all: a first check, before it is known to what. Never a basis
/// for doing it.
Decision may_attempt(const Policy& policy, const Subject& subject, Action action);

/// Everything that somebody may attempt at their session's stage: what a client shows or hides.
std::vector<Action> permissions_of(const Policy& policy, const Subject& subject);

/// Proof that policy permitted `A`, with who asked. Services take it by reference; only `authorize` makes
/// one.
template <Action A>
class Authorized {
 public:
  const Subject& subject() const { return subject_; }
  const Decision& decision() const { return decision_; }

 private:
  Authorized(Subject subject, Decision decision)
      : subject_(std::move(subject)), decision_(std::move(decision)) {}
  template <Action B>
  friend core::Result<Authorized<B>> authorize(const Policy&, const Subject&, const Resource&);
  Subject subject_;
  Decision decision_;
};

/// The error that a denial becomes: `denied`, or `unauthenticated` where a later stage of the session is
/// needed.
core::Error denial(const Decision& decision, Action action);

/// Decides and, if permitted, hands out the proof. Errors: see `denial`.
template <Action A>
core::Result<Authorized<A>> authorize(const Policy& policy, const Subject& subject,
                                      const Resource& resource = {}) {
  Decision decision = decide(policy, subject, A, resource);
  if (!decision.permitted()) return std::unexpected(denial(decision, A));
  return Authorized<A>(subject, std::move(decision));
}

}  // namespace wardline::policy
