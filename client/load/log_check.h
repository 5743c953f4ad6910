// Compares what was promised (a ledger) with the log as each device reads it through the API.
#pragma once

#include <map>

#include "client/load/ledger.h"
#include "client/load/load_state.h"

namespace wardline::client {

struct LogCheck {
  std::uint64_t acknowledged = 0;   ///< in the ledger
  std::uint64_t missing = 0;        ///< of those: not in the log under their sequence number and id
  std::uint64_t altered = 0;        ///< there, with other bytes
  std::uint64_t doubled = 0;        ///< ids that the log, or numbers that the ledger, holds twice
  std::uint64_t gaps = 0;           ///< places where sequence numbers do not go up by one
  std::uint64_t disagreements = 0;  ///< entries that two devices see differently
  struct Conversation {
    std::uint64_t messages = 0;
    std::int64_t last_sequence = 0;
  };
  std::map<std::string, Conversation> conversations = {};

  bool is_good() const { return missing + altered + doubled + gaps + disagreements == 0; }
  std::string to_json() const;
};

/// Reads the whole log of each participant's conversation.
Outcome<LogCheck> check_log(const LedgerContent& ledger, std::vector<LoadParticipant>& participants);

}  // namespace wardline::client
