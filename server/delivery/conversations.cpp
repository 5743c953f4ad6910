#include "server/delivery/conversations.h"

#include <algorithm>

#include "server/delivery/handshakes.h"
#include "server/delivery/log_store.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

std::unexpected<core::Error> conversation_not_found() {
  return fail(ErrorKind::not_found, "conversation-not-found",
              "You are not in this conversation, or it does not exist.");
}

ConversationView Conversations::view(storage::ReadTransaction& tx, const policy::Subject& subject,
                                     const storage::Row& row) {
  const auto no = row.get<std::int64_t>(0);
  ConversationView view;
  view.conversation = row.get<core::ConversationId>(1);
  view.kind = static_cast<ConversationKind>(row.get<std::int64_t>(2));
  view.state = static_cast<ConversationState>(row.get<std::int64_t>(3));
  view.created_at = row.get<core::Time>(4);
  view.created_by = row.get<core::UserId>(5);
  view.epoch = row.get<std::uint64_t>(6);
  view.last_sequence = row.get<std::int64_t>(7);
  view.cipher_suite = row.get<std::uint16_t>(8);
  view.patient = row.get<std::optional<core::PatientId>>(9);
  view.matched_on = row.get<std::string>(10);
  for (const auto member :
       tx.query("SELECT members.user_id, members.joined_sequence, members.delivered, members.read, "
                "members.acknowledged, "
                "(SELECT COUNT(*) FROM conversation_devices AS devices WHERE devices.conversation_no = "
                "members.conversation_no "
                "AND devices.user_id = members.user_id AND devices.removed_sequence IS NULL) "
                "FROM conversation_members AS members WHERE members.conversation_no = $1 AND "
                "members.left_sequence IS NULL "
                "ORDER BY members.joined_sequence, members.user_id",
                no)) {
    view.members.push_back(
        {.user = member.get<core::UserId>(0),
         .joined_sequence = member.get<std::int64_t>(1),
         .devices = member.get<std::int64_t>(5),
         .marks = {member.get<std::int64_t>(2), member.get<std::int64_t>(3), member.get<std::int64_t>(4)}});
  }
  const auto mine = tx.query(
      "SELECT joined_sequence, delivered, read, acknowledged FROM conversation_devices "
      "WHERE conversation_no = $1 AND device_id = $2 AND removed_sequence IS NULL",
      no, subject.device.value());
  if (!mine.empty()) {
    view.member = true;
    view.joined_sequence = mine.front().get<std::int64_t>(0);
    view.mine = {mine.front().get<std::int64_t>(1), mine.front().get<std::int64_t>(2),
                 mine.front().get<std::int64_t>(3)};
  }
  return view;
}

core::Result<std::vector<ConversationView>> Conversations::list(const policy::Subject& subject) {
  const auto permitted = policy::authorize<policy::Action::conversation_list>(parts_.policy, subject);
  if (!permitted) return std::unexpected(permitted.error());
  return parts_.database.read([&](storage::ReadTransaction& tx)
                                  -> core::Result<std::vector<ConversationView>> {
    std::vector<ConversationView> views;
    const auto rows = tx.query(
        "SELECT c.conversation_no, c.conversation_id, c.kind, c.state, c.created_at, c.created_by, c.epoch, "
        "c.last_sequence, c.cipher_suite, c.patient_id, c.matched_on "
        "FROM conversation_members AS m JOIN conversations AS c ON c.conversation_no = m.conversation_no "
        "WHERE m.user_id = $1 AND m.left_sequence IS NULL",
        subject.user);
    views.reserve(rows.size());
    for (const auto row : rows) views.push_back(view(tx, subject, row));
    return views;
  });
}

core::Result<ConversationView> Conversations::find(const policy::Subject& subject,
                                                   core::ConversationId conversation) {
  auto found = parts_.database.read([&](storage::ReadTransaction& tx) -> core::Result<ConversationView> {
    const auto rows = tx.query(
        "SELECT c.conversation_no, c.conversation_id, c.kind, c.state, c.created_at, c.created_by, c.epoch, "
        "c.last_sequence, c.cipher_suite, c.patient_id, c.matched_on "
        "FROM conversations AS c JOIN conversation_members AS m ON m.conversation_no = c.conversation_no "
        "WHERE c.conversation_id = $1 AND m.user_id = $2 AND m.left_sequence IS NULL",
        conversation, subject.user);
    if (rows.empty()) return conversation_not_found();
    const auto permitted =
        policy::authorize<policy::Action::conversation_read>(parts_.policy, subject, {.member = true});
    if (!permitted) return std::unexpected(permitted.error());
    return view(tx, subject, rows.front());
  });
  if (found) return found;
  return std::unexpected(note_refusal(parts_, subject, policy::Action::conversation_read, conversation,
                                      std::move(found.error())));
}

core::Result<std::vector<LogEntryPtr>> Conversations::read_for_device(core::ConversationId conversation,
                                                                      core::DeviceId device,
                                                                      std::int64_t after, int limit) {
  return parts_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<LogEntryPtr>> {
    const auto rows = tx.query(
        "SELECT c.conversation_no, c.last_sequence, d.joined_sequence, d.removed_sequence, d.removal_pending "
        "FROM conversations AS c JOIN conversation_devices AS d ON d.conversation_no = c.conversation_no "
        "WHERE c.conversation_id = $1 AND d.device_id = $2",
        conversation, device);
    if (rows.empty() || rows.front().get<bool>(4)) return std::vector<LogEntryPtr>();
    const auto row = rows.front();
    const auto last = row.get<std::optional<std::int64_t>>(3).value_or(row.get<std::int64_t>(1));
    return read_entries(tx, row.get<std::int64_t>(0), conversation, std::max(after, row.get<std::int64_t>(2)),
                        last, limit, parts_.sealer);
  });
}

core::Result<LogPage> Conversations::read_log(const policy::Subject& subject,
                                              core::ConversationId conversation, std::int64_t after,
                                              int limit) {
  const auto visible = find(subject, conversation);
  if (!visible) return std::unexpected(visible.error());
  auto entries = read_for_device(conversation, subject.device.value(), after, limit);
  if (!entries) return std::unexpected(entries.error());
  return LogPage{std::move(*entries), visible->last_sequence};
}

core::Result<std::vector<Conversations::Standing>> Conversations::standings(core::DeviceId device) {
  return parts_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<Standing>> {
    std::vector<Standing> standings;
    for (const auto row : tx.query(
             "SELECT c.conversation_id, d.joined_sequence, c.last_sequence FROM conversation_devices AS d "
             "JOIN conversations AS c ON c.conversation_no = d.conversation_no "
             "WHERE d.device_id = $1 AND d.removed_sequence IS NULL AND NOT d.removal_pending",
             device)) {
      standings.push_back(
          {row.get<core::ConversationId>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2)});
    }
    return standings;
  });
}

bool is_member_about(storage::ReadTransaction& tx, core::UserId user, core::PatientId patient) {
  return !tx.query(
                "SELECT 1 FROM conversation_members AS m JOIN conversations AS c ON c.conversation_no = "
                "m.conversation_no "
                "WHERE m.user_id = $1 AND m.left_sequence IS NULL AND c.patient_id = $2 LIMIT 1",
                user, patient)
              .empty();
}

}  // namespace wardline::delivery
