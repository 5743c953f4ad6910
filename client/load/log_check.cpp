#include "client/load/log_check.h"

#include <set>

#include <boost/json/serialize.hpp>

#include "client/messaging/api.h"
#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"

namespace wardline::client {

namespace json = boost::json;

namespace {

struct SeenEntry {
  EntryKind kind = EntryKind::message;
  std::string idempotency;
  std::string digest;
  bool operator==(const SeenEntry&) const = default;
};

/// By sequence number, as one device reads it. A number that comes twice or out of order counts as a gap.
struct SeenLog {
  std::map<std::int64_t, SeenEntry> entries;
  std::uint64_t gaps = 0;
};

void take(SeenLog& log, const Entry& entry) {
  const auto sequence = static_cast<std::int64_t>(entry.sequence);
  if (!log.entries.empty() && sequence != log.entries.rbegin()->first + 1) ++log.gaps;
  log.entries.insert_or_assign(
      sequence, SeenEntry{entry.kind, entry.idempotency_id, to_hex(crypto::sha256(entry.body))});
}

Outcome<SeenLog> read_log(LoadParticipant& reader) {
  constexpr std::uint64_t kPage = 500;
  Api api(*reader.device.https);
  SeenLog log;
  for (std::uint64_t after = 0;;) {
    const auto page = api.log(reader.conversation.id, after, kPage);
    if (!page) return std::unexpected(page.error());
    for (const Entry& entry : page->entries) take(log, entry);
    if (!page->entries.empty()) {
      after = page->entries.back().sequence;
      continue;
    }
    // The log says where it ends: what comes to less than that has a hole at its end.
    const auto last = log.entries.empty() ? 0 : log.entries.rbegin()->first;
    if (static_cast<std::int64_t>(page->last_sequence) != last) ++log.gaps;
    return log;
  }
}

/// Entries that both have and that differ. A device that joined later has fewer.
std::uint64_t count_differences(const SeenLog& one, const SeenLog& other) {
  std::uint64_t count = 0;
  for (const auto& [sequence, entry] : one.entries) {
    const auto found = other.entries.find(sequence);
    if (found != other.entries.end() && found->second != entry) ++count;
  }
  return count;
}

void compare(LogCheck& check, const std::map<std::string, SeenLog>& logs, const LedgerContent& ledger) {
  std::set<std::pair<std::string, std::int64_t>> numbers;
  for (const AcknowledgedSend& send : ledger.acknowledged) {
    ++check.acknowledged;
    if (!numbers.emplace(send.conversation, send.sequence).second) ++check.doubled;
    const auto log = logs.find(send.conversation);
    const auto* entries = log == logs.end() ? nullptr : &log->second.entries;
    const auto entry = entries ? entries->find(send.sequence) : decltype(entries->end())();
    if (!entries || entry == entries->end() || entry->second.idempotency != send.idempotency)
      ++check.missing;
    else if (entry->second.digest != send.digest)
      ++check.altered;
  }
}

void count(LogCheck& check, const std::string& conversation, const SeenLog& log) {
  auto& counted = check.conversations[conversation];
  std::set<std::string_view> ids;
  for (const auto& [sequence, entry] : log.entries) {
    if (entry.kind == EntryKind::message) ++counted.messages;
    if (!entry.idempotency.empty() && !ids.insert(entry.idempotency).second) ++check.doubled;
  }
  counted.last_sequence = log.entries.empty() ? 0 : log.entries.rbegin()->first;
}

}  // namespace

Outcome<LogCheck> check_log(const LedgerContent& ledger, std::vector<LoadParticipant>& participants) {
  LogCheck check;
  std::map<std::string, SeenLog> logs;  // Of each conversation, as its first participant reads it.
  for (LoadParticipant& participant : participants) {
    auto log = read_log(participant);
    if (!log) return std::unexpected(log.error());
    check.gaps += log->gaps;
    if (const auto first = logs.find(participant.conversation.id); first != logs.end())
      check.disagreements += count_differences(*log, first->second);
    else
      logs.emplace(participant.conversation.id, std::move(*log));
  }
  for (const auto& [conversation, log] : logs) count(check, conversation, log);
  compare(check, logs, ledger);
  return check;
}

std::string LogCheck::to_json() const {
  json::object all;
  for (const auto& [id, one] : conversations)
    all[id] = json::object{{"messages", one.messages}, {"last_sequence", one.last_sequence}};
  return json::serialize(json::object{{"acknowledged", acknowledged},
                                      {"missing", missing},
                                      {"altered", altered},
                                      {"doubled", doubled},
                                      {"gaps", gaps},
                                      {"disagreements", disagreements},
                                      {"conversations", std::move(all)}});
}

}  // namespace wardline::client
