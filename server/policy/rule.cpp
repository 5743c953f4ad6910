#include "server/policy/rule.h"

namespace wardline::policy {
namespace {

using enum Action;
using enum Role;

constexpr Set<Role> kEverybody = Set<Role>::all();
constexpr Set<Role> kClinical{clinician, resident, charge_nurse, nurse};

Policy make_built_in() {
  Policy policy;
  policy.version = 1;
  policy.rules = {
      {.id = "P-1",
       .roles = kEverybody,
       .actions = {public_health, public_sign_in, public_web_client},
       .because = "Anybody may try to sign in."},
      {.id = "P-2",
       .roles = kEverybody,
       .actions = {session_read, session_end, session_bind_device},
       .condition = Condition::own,
       .because = "People manage their own session."},
      {.id = "P-3",
       .roles = kEverybody,
       .actions = {factor_read, factor_add, factor_remove, device_enrol, device_read, device_revoke,
                   storage_share_read},
       .condition = Condition::own,
       .because = "People manage their own devices and second factors."},
      {.id = "P-4",
       .roles = {admin},
       .actions = {device_revoke},
       .condition = Condition::not_own,
       .because = "An administrator can revoke a lost or stolen device."},
      {.id = "P-5",
       .roles = kEverybody,
       .actions = {key_package_publish, key_package_claim, delivery_service_read, socket_open, welcome_read,
                   device_log_read, device_log_report},
       .because = "Every device takes part in end-to-end encryption."},
      {.id = "P-6",
       .roles = kEverybody,
       .actions = {directory_read, on_call_read, contact_confirm},
       .because = "Everybody can look up every recipient before sending (CH-10)."},
      {.id = "P-7",
       .roles = kClinical,
       .actions = {patient_match, patient_list},
       .because = "Clinical staff find patients by two identifiers and see their own panel (SAF-1)."},
      {.id = "P-8",
       .roles = kClinical,
       .actions = {patient_read},
       .condition = Condition::care_team,
       .because = "The care team reads the patients on its panel."},
      {.id = "P-9",
       .roles = kClinical,
       .actions = {patient_read},
       .condition = Condition::patient_conversation,
       .because = "Members of a conversation about a patient see who it is about."},
      {.id = "P-10",
       .roles = kEverybody,
       .actions = {send_decide, conversation_create, conversation_list},
       .because = "Everybody may start a conversation."},
      {.id = "P-11",
       .roles = kEverybody,
       .actions = {conversation_read, message_send, commit_send, proposal_send, group_info_read, receipt_send,
                   delivery_report},
       .condition = Condition::member,
       .because = "Only members take part in a conversation."},
      {.id = "P-15",
       .roles = kEverybody,
       .actions = {file_begin, file_write, file_complete, file_cancel, file_read},
       .condition = Condition::member,
       .because = "Only members send and fetch the files of a conversation (MSG-4)."},
      {.id = "P-12",
       .roles = {privacy_officer},
       .actions = {audit_read, data_export, policy_read},
       .because = "The privacy officer reviews the record and exports from it."},
      {.id = "P-13",
       .roles = {admin},
       .actions = {user_manage, directory_manage, on_call_manage, policy_read, policy_manage},
       .because = "Administrators run accounts, the directory and the policy, and see no patients."},
      {.id = "P-14",
       .roles = {charge_nurse},
       .actions = {on_call_manage},
       .because = "Charge nurses keep their unit's rota."},

      {.id = "D-1",
       .effect = Effect::deny,
       .roles = kEverybody,
       .actions = {data_export, user_manage, directory_manage, policy_manage},
       .condition = Condition::contractor,
       .because = "Contractors can neither export nor administer (IAM-5)."},
      {.id = "D-2",
       .effect = Effect::deny,
       .roles = kEverybody,
       .actions = {message_send, conversation_create, send_decide},
       .condition = Condition::recipient_inactive,
       .because = "Somebody who has left cannot be written to."},

      {.id = "O-1",
       .effect = Effect::oblige,
       .roles = kEverybody,
       .actions = {message_send, conversation_create, send_decide},
       .condition = Condition::recipient_new,
       .obligation = ObligationKind::confirm_contact,
       .because = "Check the first time that this is the right person (CH-10)."},
      {.id = "O-2",
       .effect = Effect::oblige,
       .roles = kEverybody,
       .actions = {message_send, conversation_create, send_decide},
       .condition = Condition::recipient_other_service,
       .obligation = ObligationKind::confirm_cross_service,
       .because = "This person works in another service (SAF-4)."},
      // FIXME IAM-6: an attending's approval or break-glass; until then a resident states the reason.
      {.id = "O-3",
       .effect = Effect::oblige,
       .roles = {resident},
       .actions = {message_send, conversation_create, send_decide},
       .condition = Condition::recipient_other_service,
       .obligation = ObligationKind::reason,
       .because = "Residents say why they write to another service (IAM-6)."},
      {.id = "O-4",
       .effect = Effect::oblige,
       .roles = kEverybody,
       .actions = {message_send, conversation_create, send_decide},
       .condition = Condition::recipient_outside_care,
       .obligation = ObligationKind::reason,
       .because = "This person is not on the patient's care team (MSG-8)."},
  };
  return policy;
}

}  // namespace

std::string_view words_of(Condition condition) {
  switch (condition) {
    case Condition::always:
      return "in any case";
    case Condition::own:
      return "it is their own";
    case Condition::not_own:
      return "it is somebody else's";
    case Condition::member:
      return "they are a member of the conversation";
    case Condition::care_team:
      return "they are on the patient's care team";
    case Condition::patient_conversation:
      return "they are a member of a conversation about the patient";
    case Condition::contractor:
      return "they are a contractor";
    case Condition::recipient_inactive:
      return "the recipient's account has ended";
    case Condition::recipient_new:
      return "they have not confirmed this contact";
    case Condition::recipient_other_service:
      return "the recipient works in another service";
    case Condition::recipient_outside_care:
      return "the recipient is not on the patient's care team";
  }
  return "never";
}

std::string_view name_of(ObligationKind kind) {
  switch (kind) {
    case ObligationKind::confirm_contact:
      return "confirm_contact";
    case ObligationKind::confirm_cross_service:
      return "confirm_cross_service";
    case ObligationKind::reason:
      return "reason";
  }
  return "reason";
}

const Policy& built_in_policy() {
  static const Policy policy = make_built_in();
  return policy;
}

}  // namespace wardline::policy
