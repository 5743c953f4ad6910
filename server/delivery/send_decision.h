// Asked by the composer before anything is encrypted: may this go to these people, about this patient, and
// what is asked of the sender first? (CH-1, CH-10, SAF-4)
#pragma once

#include "server/delivery/parts.h"
#include "server/delivery/recipient_check.h"

namespace wardline::delivery {

struct SendDecision {
  bool permit = false;
  std::vector<policy::Obligation> obligations;
  std::optional<core::Error> denied;
};

class SendDecisions {
 public:
  SendDecisions(const DeliveryParts& parts, People& people) : parts_(parts), check_(parts.policy, people) {}

  /// Errors: "person-not-found". A denial is an answer, not an error.
  core::Result<SendDecision> decide(const policy::Subject& subject, const std::vector<core::UserId>& users,
                                    std::optional<core::PatientId> patient);

 private:
  DeliveryParts parts_;
  RecipientCheck check_;
};

}  // namespace wardline::delivery
