#include "server/delivery/inbox.h"

namespace wardline::delivery {

core::Result<std::vector<WaitingWelcome>> Inbox::list(const policy::Subject& subject) {
  const auto permitted =
      policy::authorize<policy::Action::welcome_read>(parts_.policy, subject, {.owner = subject.user});
  if (!permitted) return std::unexpected(permitted.error());
  return parts_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<WaitingWelcome>> {
    std::vector<WaitingWelcome> waiting;
    for (const auto row : tx.query("SELECT w.welcome_id, c.conversation_id, b.sequence, b.welcome, "
                                   "b.ratchet_tree FROM welcomes AS w "
                                   "JOIN welcome_bundles AS b ON b.bundle_no = w.bundle_no "
                                   "JOIN conversations AS c ON c.conversation_no = b.conversation_no "
                                   "WHERE w.device_id = $1 ORDER BY b.bundle_no LIMIT 100",
                                   subject.device.value())) {
      waiting.push_back({row.get<WelcomeId>(0), row.get<core::ConversationId>(1), row.get<std::int64_t>(2),
                         row.get<Bytes>(3), row.get<Bytes>(4)});
    }
    return waiting;
  });
}

core::Result<void> Inbox::remove(const policy::Subject& subject, WelcomeId welcome) {
  return parts_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    const auto bundle = tx.query_value<std::int64_t>(
        "DELETE FROM welcomes WHERE welcome_id = $1 AND device_id = $2 RETURNING bundle_no", welcome,
        subject.device.value());
    if (!bundle) return {};
    tx.execute(
        "DELETE FROM welcome_bundles WHERE bundle_no = $1 AND NOT EXISTS "
        "(SELECT 1 FROM welcomes WHERE welcomes.bundle_no = $1)",
        *bundle);
    return {};
  });
}

}  // namespace wardline::delivery
