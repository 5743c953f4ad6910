// What has to be known before people are brought into a conversation (CH-10, SAF-4, IAM-6, MSG-8). The
// composer asks it before anything is encrypted; it is decided again when the conversation begins or takes
// them in, so that no client can leave it out.
#pragma once

#include <unordered_set>

#include "server/delivery/people.h"
#include "server/delivery/stated_reason.h"

namespace wardline::delivery {

/// What the sender answers, about which people. That somebody is who they seem to be is not among it: it is
/// confirmed by a call of its own, once, and remembered (POST /v1/contacts/{user_id}/confirm).
struct Answers {
  struct Reason {
    StatedReason why = StatedReason::other;
    std::unordered_set<core::UserId> about;
  };
  std::unordered_set<core::UserId> cross_service = {};  ///< confirmed to work in another service
  std::optional<Reason> reason = {};
};

class RecipientCheck {
 public:
  RecipientCheck(const policy::Policy& policy, People& people) : policy_(policy), people_(people) {}

  /// Everything that is asked of `subject` about these people. Errors: "person-not-found", policy denials.
  core::Result<std::vector<policy::Obligation>> duties(storage::ReadTransaction& tx,
                                                       const policy::Subject& subject,
                                                       const std::vector<core::UserId>& users,
                                                       std::optional<core::PatientId> patient);

  /// The same, with nothing of it unanswered: what belongs into the audit log. Answers that nobody asked for
  /// count for nothing. Error besides those above: "recipients-unconfirmed", whose facts count the people
  /// about whom something is missing.
  core::Result<std::vector<policy::Obligation>> answered(storage::ReadTransaction& tx,
                                                         const policy::Subject& subject,
                                                         const std::vector<core::UserId>& users,
                                                         std::optional<core::PatientId> patient,
                                                         const Answers& answers);

 private:
  const policy::Policy& policy_;
  People& people_;
};

}  // namespace wardline::delivery
