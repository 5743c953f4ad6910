#include "client/load/log_check.h"

#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"

namespace wardline::client {

namespace json = boost::json;

namespace {

struct SeenEntry {
  std::string kind;
  std::string idempotency;
  std::string digest;
  bool operator==(const SeenEntry&) const = default;
};

/// By sequence number, as one device reads it. A number that comes twice or out of order counts as a gap.
struct SeenLog {
  std::map<std::int64_t, SeenEntry> entries;
  std::uint64_t gaps = 0;
};

void take(SeenLog& log, const json::object& item) {
  const std::int64_t sequence = item.at("sequence").as_int64();
  if (!log.entries.empty() && sequence != log.entries.rbegin()->first + 1) ++log.gaps;
  const auto body = from_base64url(std::string_view(item.at("body").as_string()));
  const auto* id = item.at("idempotency_id").if_string();
  log.entries.insert_or_assign(
      sequence, SeenEntry{std::string(item.at("kind").as_string()), id ? std::string(*id) : std::string(),
                          to_hex(crypto::sha256(body.value_or(Bytes())))});
}

std::expected<SeenLog, HttpError> read_log(LoadParticipant& reader) {
  SeenLog log;
  for (std::int64_t after = 0;;) {
    const auto text =
        reader.device.https->request("GET", "/v1/conversations/" + reader.conversation.id +
                                                "/log?limit=500&after=" + std::to_string(after));
    if (!text) return std::unexpected(text.error());
    try {
      const auto page = json::parse(*text);
      const auto& entries = page.at("entries").as_array();
      for (const auto& entry : entries) take(log, entry.as_object());
      if (!entries.empty()) {
        after = entries.back().at("sequence").as_int64();
        continue;
      }
      // The log says where it ends: what comes to less than that has a hole at its end.
      if (page.at("last_sequence").as_int64() != (log.entries.empty() ? 0 : log.entries.rbegin()->first))
        ++log.gaps;
      return log;
    } catch (const std::exception&) {
      return std::unexpected(HttpError{200, "unreadable-answer", "A page of the log is not as documented."});
    }
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
    if (entry.kind == "message") ++counted.messages;
    if (!entry.idempotency.empty() && !ids.insert(entry.idempotency).second) ++check.doubled;
  }
  counted.last_sequence = log.entries.empty() ? 0 : log.entries.rbegin()->first;
}

}  // namespace

std::expected<LogCheck, HttpError> check_log(const LedgerContent& ledger,
                                             std::vector<LoadParticipant>& participants) {
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
