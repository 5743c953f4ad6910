#include "server/delivery/send_decision.h"

#include <utility>

namespace wardline::delivery {
namespace {

bool asks_why(const policy::Obligation& duty) { return duty.kind == policy::ObligationKind::reason; }

}  // namespace

core::Result<SendDecision> SendDecisions::decide(const policy::Subject& subject,
                                                 const std::vector<core::UserId>& users,
                                                 std::optional<core::PatientId> patient,
                                                 std::optional<StatedReason> reason) {
  auto answer = ask(subject, users, patient);
  if (!answer || !reason) return answer;
  std::vector<policy::Obligation> asked;
  for (const policy::Obligation& duty : std::exchange(answer->obligations, {}))
    (asks_why(duty) ? asked : answer->obligations).push_back(duty);
  if (asked.empty()) return answer;
  const auto written = parts_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    parts_.journal.reason_stated(tx, subject, asked, patient, *reason);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return answer;
}

core::Result<SendDecision> SendDecisions::ask(const policy::Subject& subject,
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
