#include "server/policy/action.h"

#include <algorithm>
#include <array>

namespace wardline::policy {
namespace {

constexpr std::array kActions = std::to_array<ActionInfo>({
    {Action::public_health, "public.health", Stage::none, "see whether the server is up"},
    {Action::public_sign_in, "public.sign-in", Stage::none, "try to sign in"},
    {Action::public_web_client, "public.web-client", Stage::none, "load the web client"},

    {Action::session_read, "session.read", Stage::signed_in, "see the own session"},
    {Action::session_end, "session.end", Stage::signed_in, "sign out"},
    {Action::session_bind_device, "session.bind-device", Stage::signed_in, "prove to be at an own device"},
    {Action::factor_read, "factor.read", Stage::device_bound, "see the own second factors"},
    {Action::factor_add, "factor.add", Stage::device_bound, "add a second factor"},
    {Action::factor_remove, "factor.remove", Stage::device_bound, "remove an own second factor"},
    {Action::device_enrol, "device.enrol", Stage::signed_in, "register a device"},
    {Action::device_read, "device.read", Stage::signed_in, "see the own devices"},
    {Action::device_revoke, "device.revoke", Stage::device_bound, "revoke a device"},
    {Action::storage_share_read, "storage-share.read", Stage::device_bound, "open this device's local store"},
    {Action::device_log_read, "device-log.read", Stage::device_bound,
     "check which device certificates were issued"},
    {Action::device_log_report, "device-log.report", Stage::device_bound,
     "report a device or a device log that cannot be trusted"},
    {Action::key_package_publish, "key-package.publish", Stage::device_bound, "publish key packages"},
    {Action::key_package_claim, "key-package.claim", Stage::device_bound, "claim key packages of others"},

    {Action::directory_read, "directory.read", Stage::device_bound, "search and read the directory"},
    {Action::contact_confirm, "contact.confirm", Stage::device_bound, "confirm a contact"},
    {Action::on_call_read, "on-call.read", Stage::device_bound, "see who is on call"},
    {Action::patient_match, "patient.match", Stage::device_bound, "find a patient by two identifiers"},
    {Action::patient_read, "patient.read", Stage::device_bound, "read a patient's header"},
    {Action::patient_list, "patient.list", Stage::device_bound, "list the own panel"},

    {Action::delivery_service_read, "delivery-service.read", Stage::device_bound,
     "read the delivery service's keys and limits"},
    {Action::send_decide, "send.decide", Stage::device_bound, "ask whether a message may go out"},
    {Action::conversation_create, "conversation.create", Stage::device_bound, "start a conversation"},
    {Action::conversation_list, "conversation.list", Stage::device_bound, "list the own conversations"},
    {Action::conversation_read, "conversation.read", Stage::device_bound, "read a conversation's log"},
    {Action::message_send, "message.send", Stage::device_bound, "send a message"},
    {Action::commit_send, "commit.send", Stage::device_bound, "change a conversation's members or keys"},
    {Action::proposal_send, "proposal.send", Stage::device_bound, "propose a change of a conversation"},
    {Action::group_info_read, "group-info.read", Stage::device_bound, "join with a further device"},
    {Action::receipt_send, "receipt.send", Stage::device_bound,
     "report what was delivered, read, acknowledged"},
    {Action::delivery_report, "delivery.report", Stage::device_bound,
     "report an entry that cannot be processed"},
    {Action::welcome_read, "welcome.read", Stage::device_bound, "fetch and delete this device's invitations"},
    {Action::file_begin, "file.begin", Stage::device_bound, "announce a file of a conversation"},
    {Action::file_write, "file.write", Stage::device_bound, "upload an announced file"},
    {Action::file_complete, "file.complete", Stage::device_bound, "make an upload available to members"},
    {Action::file_cancel, "file.cancel", Stage::device_bound, "give an upload up"},
    {Action::file_read, "file.read", Stage::device_bound, "fetch a file of a conversation"},
    {Action::socket_open, "socket.open", Stage::device_bound, "receive over the socket"},

    {Action::audit_read, "audit.read", Stage::device_bound, "read the audit log"},
    {Action::data_export, "data.export", Stage::device_bound, "export data"},
    {Action::user_manage, "user.manage", Stage::device_bound, "create, change and deactivate accounts"},
    {Action::directory_manage, "directory.manage", Stage::device_bound, "change the directory"},
    {Action::on_call_manage, "on-call.manage", Stage::device_bound, "change the on-call rota"},
    {Action::patient_manage, "patient.manage", Stage::device_bound, "enter patients and care teams by hand"},
    {Action::policy_read, "policy.read", Stage::device_bound, "read the policy in force"},
    {Action::policy_manage, "policy.manage", Stage::device_bound, "change the policy"},
});

consteval bool is_indexed_by_action() {
  for (std::size_t i = 0; i < kActions.size(); ++i) {
    if (static_cast<std::size_t>(kActions[i].action) != i) return false;
  }
  return kActions.size() == static_cast<std::size_t>(Action::policy_manage) + 1;
}
static_assert(is_indexed_by_action(), "one row per action, in the order of the enumeration");

}  // namespace

std::span<const ActionInfo> all_actions() { return kActions; }

const ActionInfo& info_of(Action action) { return kActions.at(static_cast<std::size_t>(action)); }

std::optional<Action> find_action(std::string_view name) {
  const auto* row = std::ranges::find(kActions, name, &ActionInfo::name);
  if (row == kActions.end()) return std::nullopt;
  return row->action;
}

}  // namespace wardline::policy
