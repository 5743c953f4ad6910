#include "client/load/ledger.h"

#include <fstream>
#include <sstream>

namespace wardline::client {

std::int64_t LedgerContent::last_sequence_of(std::string_view conversation) const {
  std::int64_t last = 0;
  for (const AcknowledgedSend& one : acknowledged)
    if (one.conversation == conversation) last = std::max(last, one.sequence);
  return last;
}

std::optional<LedgerContent> read_ledger(const std::filesystem::path& file) {
  LedgerContent content;
  std::map<std::string, UnansweredSend> unanswered;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream fields(line);
    std::string kind;
    fields >> kind;
    if (kind == "acknowledged") {
      AcknowledgedSend send;
      fields >> send.conversation >> send.idempotency >> send.sequence >> send.digest;
      unanswered.erase(send.idempotency);
      content.acknowledged.push_back(std::move(send));
    } else if (kind == "unanswered") {
      UnansweredSend send;
      fields >> send.conversation >> send.device >> send.idempotency >> send.message;
      std::string id = send.idempotency;
      unanswered.insert_or_assign(std::move(id), std::move(send));
    } else {
      return std::nullopt;
    }
    if (!fields) return std::nullopt;
  }
  for (auto& [id, send] : unanswered) content.unanswered.push_back(std::move(send));
  return content;
}

std::optional<Ledger> Ledger::open(const std::filesystem::path& file) {
  std::FILE* const opened = std::fopen(file.c_str(), "ae");
  if (!opened) return std::nullopt;
  std::setvbuf(opened, nullptr, _IOLBF, 1 << 16);
  return Ledger(opened);
}

void Ledger::note(const AcknowledgedSend& send) {
  std::fprintf(file_.get(), "acknowledged %s %s %lld %s\n", send.conversation.c_str(),
               send.idempotency.c_str(), static_cast<long long>(send.sequence), send.digest.c_str());
}

void Ledger::note(const UnansweredSend& send) {
  std::fprintf(file_.get(), "unanswered %s %s %s %s\n", send.conversation.c_str(), send.device.c_str(),
               send.idempotency.c_str(), send.message.c_str());
}

}  // namespace wardline::client
