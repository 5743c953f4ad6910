#include "server/delivery/recipient_check.h"

#include <map>

namespace wardline::delivery {
namespace {

using policy::Obligation;
using policy::ObligationKind;

bool is_answered(const Obligation& duty, const Answers& answers) {
  if (!duty.user) return false;
  switch (duty.kind) {
    case ObligationKind::confirm_contact:
      return false;  // Were it confirmed, it would not be asked.
    case ObligationKind::confirm_cross_service:
      return answers.cross_service.contains(*duty.user);
    case ObligationKind::reason:
      return answers.reason && answers.reason->about.contains(*duty.user);
  }
  return false;
}

std::string_view what_to_do(ObligationKind kind) {
  switch (kind) {
    case ObligationKind::confirm_contact:
      return "Confirm first that this is the right person: you have not written to them before. ";
    case ObligationKind::confirm_cross_service:
      return "Confirm first that you mean somebody of another service. ";
    case ObligationKind::reason:
      return "Say first why you write to them. ";
  }
  return "";
}

using Unanswered = std::map<ObligationKind, std::unordered_set<core::UserId>>;

core::Error unconfirmed(const Unanswered& unanswered) {
  core::Error error{core::ErrorKind::rejected, "recipients-unconfirmed", {}, {}};
  for (const auto& [kind, users] : unanswered) {
    error.detail += what_to_do(kind);
    error.facts.emplace_back(policy::name_of(kind), std::ssize(users));
  }
  error.detail += "If you were not asked, this program is too old for the server: update it.";
  return error;
}

}  // namespace

core::Result<std::vector<Obligation>> RecipientCheck::duties(storage::ReadTransaction& tx,
                                                             const policy::Subject& subject,
                                                             const std::vector<core::UserId>& users,
                                                             std::optional<core::PatientId> patient) {
  std::vector<Obligation> all;
  for (const core::UserId& user : users) {
    if (user == subject.user) continue;
    const auto recipient = people_.recipient(tx, subject.user, user, patient);
    if (!recipient)
      return core::fail(core::ErrorKind::not_found, "person-not-found", "There is no such person.");
    const auto permitted =
        policy::authorize<policy::Action::conversation_create>(policy_, subject, {.recipient = recipient});
    if (!permitted) return std::unexpected(permitted.error());
    const auto& asked = permitted->decision().obligations;
    all.insert(all.end(), asked.begin(), asked.end());
  }
  return all;
}

core::Result<std::vector<Obligation>> RecipientCheck::answered(storage::ReadTransaction& tx,
                                                               const policy::Subject& subject,
                                                               const std::vector<core::UserId>& users,
                                                               std::optional<core::PatientId> patient,
                                                               const Answers& answers) {
  auto all = duties(tx, subject, users, patient);
  if (!all) return all;
  Unanswered unanswered;
  for (const Obligation& duty : *all)
    if (!is_answered(duty, answers)) unanswered[duty.kind].insert(duty.user.value_or(core::UserId()));
  if (!unanswered.empty()) return std::unexpected(unconfirmed(unanswered));
  return all;
}

}  // namespace wardline::delivery
