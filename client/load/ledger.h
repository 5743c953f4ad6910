// What a load run was promised, written down as it comes: each acknowledged send, and each that was cut off
// before its answer. A later run sends the latter again, and `check_log` compares all of it with the log.
#pragma once

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::client {

struct AcknowledgedSend {
  std::string conversation;
  std::string idempotency;
  std::int64_t sequence = 0;
  std::string digest;  ///< SHA-256 of the message, hexadecimal
};

/// Sent, and the connection broke before an answer: it is in the log once or not at all, and sending it again
/// with the same id makes it once.
struct UnansweredSend {
  std::string conversation;
  std::string device;
  std::string idempotency;
  std::string message;  ///< base64url
};

struct LedgerContent {
  std::vector<AcknowledgedSend> acknowledged;
  std::vector<UnansweredSend> unanswered;  ///< those that no later line acknowledges

  /// The highest acknowledged sequence number of that conversation; 0 where there is none.
  std::int64_t last_sequence_of(std::string_view conversation) const;
};

/// Nothing for a file that is there and cannot be understood; an absent one is empty.
std::optional<LedgerContent> read_ledger(const std::filesystem::path& file);

/// Appends. Used by one thread.
class Ledger {
 public:
  /// Nothing if the file cannot be written.
  static std::optional<Ledger> open(const std::filesystem::path& file);

  void note(const AcknowledgedSend& send);
  void note(const UnansweredSend& send);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit Ledger(std::FILE* file) : file_(file) {}
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace wardline::client
