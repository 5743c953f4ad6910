// Everything that can be done with Wardline, as one closed list: each endpoint names the action it is, and
// policy decides about actions, never about addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace wardline::policy {

/// How far a session has come (docs/api.md). Each stage includes the ones before it.
enum class Stage : std::uint8_t {
  none,          ///< nobody yet: sign-in itself, health
  signed_in,     ///< password and second factor done
  device_bound,  ///< and this browser proved that it holds a registered device key
};

enum class Action : std::uint8_t {
  // Without a session.
  public_health,
  public_sign_in,
  public_web_client,

  // About oneself.
  session_read,
  session_end,
  session_bind_device,
  factor_read,
  factor_add,
  factor_remove,
  device_enrol,
  device_read,
  device_revoke,
  storage_share_read,
  device_log_read,
  device_log_report,
  key_package_publish,
  key_package_claim,

  // People and patients.
  directory_read,
  contact_confirm,
  on_call_read,
  patient_match,
  patient_read,
  patient_list,

  // Conversations.
  delivery_service_read,
  send_decide,
  conversation_create,
  conversation_list,
  conversation_read,
  message_send,
  commit_send,
  proposal_send,
  group_info_read,
  receipt_send,
  delivery_report,
  welcome_read,
  file_begin,
  file_write,
  file_complete,
  file_cancel,
  file_read,
  socket_open,

  // Oversight and administration.
  audit_read,
  data_export,
  user_manage,
  directory_manage,
  on_call_manage,
  patient_manage,
  policy_read,
  policy_manage,
};

constexpr bool is_public(Action action) { return action <= Action::public_web_client; }

struct ActionInfo {
  Action action;
  std::string_view name;   ///< stable, dotted: what clients and the audit log see, e.g. "patient.match"
  Stage stage;             ///< the least stage at which it can be permitted
  std::string_view words;  ///< completes "may …", for people who read the policy
};

/// All actions, in the order of the enumeration.
std::span<const ActionInfo> all_actions();
const ActionInfo& info_of(Action action);
inline std::string_view name_of(Action action) { return info_of(action).name; }
std::optional<Action> find_action(std::string_view name);

}  // namespace wardline::policy
