#include "server/delivery/send_decision.h"

namespace wardline::delivery {

core::Result<SendDecision> SendDecisions::decide(const policy::Subject& subject,
                                                 const std::vector<core::UserId>& users,
                                                 std::optional<core::PatientId> patient) {
  return parts_.database.read([&](storage::ReadTransaction& tx) -> core::Result<SendDecision> {
    SendDecision answer{.permit = true, .obligations = {}, .denied = {}};
    for (const core::UserId& user : users) {
      const auto recipient = people_.recipient(tx, subject.user, user, patient);
      if (!recipient)
        return core::fail(core::ErrorKind::not_found, "person-not-found", "There is no such person.");
      const auto permitted =
          policy::authorize<policy::Action::send_decide>(parts_.policy, subject, {.recipient = recipient});
      if (!permitted) {
        answer.permit = false;
        answer.denied = permitted.error();
        return answer;
      }
      const auto& duties = permitted->decision().obligations;
      answer.obligations.insert(answer.obligations.end(), duties.begin(), duties.end());
    }
    return answer;
  });
}

}  // namespace wardline::delivery
