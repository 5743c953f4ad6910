// Why the engine refused, in the words of web/packages/mls/src/engine.ts, and the Outcome that all of
// lib/conversation returns.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "lib/mls/public/error.h"
#include "lib/transparency/log_view.h"

namespace wardline::conversation {

/// The numbers cross the border of the module: see web/packages/mls/src/wire.ts.
enum class Code : std::uint8_t {
  ok = 0,
  unknown_conversation = 1,
  future_epoch = 2,
  keys_gone = 3,
  invalid_message = 4,
  invalid_credential = 5,
  not_for_this_device = 6,
  commit_pending = 7,
  no_pending_commit = 8,
  commit_needed = 9,
  not_a_member = 10,
  unreadable_state = 11,
  provider_failed = 12,  ///< the host could not sign or compute: nothing about the message
  bad_request = 13,      ///< a bug between module and wrapper
  unlogged_device = 14,  ///< certificates that are not known to be logged: prove them, and call again
  log_alarm = 15,        ///< the device log contradicts what was seen of it (ENC-8)
};

struct Failure {
  Code code = Code::bad_request;
  std::optional<mls::Rule> rule = {};                        ///< the one that was broken, if it was one
  std::vector<transparency::CertificateHash> unlogged = {};  ///< of unlogged_device: all that the call met
  std::optional<transparency::Alarm> alarm = {};             ///< of log_alarm

  static Failure of(mls::Error error);
  /// "RFC 9420 §12.4.2 confirmation_tag", or the name of the alarm; empty if no rule was broken.
  std::string rule_text() const;
};

template <class T>
using Outcome = std::expected<T, Failure>;

inline std::unexpected<Failure> failed(Code code) { return std::unexpected(Failure{.code = code}); }
inline std::unexpected<Failure> failed(mls::Error error) { return std::unexpected(Failure::of(error)); }
inline std::unexpected<Failure> failed(transparency::Alarm alarm) {
  return std::unexpected(Failure{.code = Code::log_alarm, .alarm = alarm});
}

}  // namespace wardline::conversation
