#include "server/delivery/send_decision.h"

namespace wardline::delivery {

core::Result<SendDecision> SendDecisions::decide(const policy::Subject& subject,
                                                 const std::vector<core::UserId>& users,
                                                 std::optional<core::PatientId> patient) {
  return parts_.database.read([&](storage::ReadTransaction& tx) -> core::Result<SendDecision> {
    auto duties = check_.duties(tx, subject, users, patient);
    if (duties) return SendDecision{.permit = true, .obligations = std::move(*duties), .denied = {}};
    if (duties.error().kind != core::ErrorKind::denied) return std::unexpected(std::move(duties.error()));
    return SendDecision{.permit = false, .obligations = {}, .denied = std::move(duties.error())};
  });
}

}  // namespace wardline::delivery
