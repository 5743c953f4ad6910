// Asked by the composer before anything is encrypted: may this go to these people, about this patient, and
// what is asked of the sender first? (CH-1, CH-10, SAF-4)
#pragma once

#include "server/delivery/parts.h"
#include "server/delivery/people.h"
#include "server/delivery/stated_reason.h"

namespace wardline::delivery {

struct SendDecision {
  bool permit = false;
  std::vector<policy::Obligation> obligations;
  std::optional<core::Error> denied;
};

class SendDecisions {
 public:
  SendDecisions(const DeliveryParts& parts, People& people) : parts_(parts), people_(people) {}

  /// With a reason where one is asked for, that duty is done: the reason goes into the audit log with whoever
  /// it is about, and the duty is not in the answer. Errors: "person-not-found". A denial is an answer, not
  /// an error.
  core::Result<SendDecision> decide(const policy::Subject& subject, const std::vector<core::UserId>& users,
                                    std::optional<core::PatientId> patient,
                                    std::optional<StatedReason> reason = {});

 private:
  core::Result<SendDecision> ask(const policy::Subject& subject, const std::vector<core::UserId>& users,
                                 std::optional<core::PatientId> patient);

  DeliveryParts parts_;
  People& people_;
};

}  // namespace wardline::delivery
