// Why somebody writes outside their service, or to somebody outside the patient's care team (IAM-6, MSG-8).
// One word of a fixed list: what a person types never gets into the audit log (AUD-3).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace wardline::delivery {

enum class StatedReason : std::uint8_t { consult, handover, on_call, emergency, coordination, other };

/// The words, as clients send them and as the audit log has them.
inline const std::initializer_list<std::pair<std::string_view, StatedReason>> kStatedReasons{
    {"consult", StatedReason::consult},            // another service's opinion
    {"handover", StatedReason::handover},          // the patient goes from one team to another
    {"on-call", StatedReason::on_call},            // the recipient covers for whoever looks after the patient
    {"emergency", StatedReason::emergency},        // it cannot wait for anything else
    {"coordination", StatedReason::coordination},  // arranging tests, transport, discharge
    {"other", StatedReason::other},                // none of these: the review asks
};

inline std::string_view word_of(StatedReason reason) {
  for (const auto& [word, value] : kStatedReasons)
    if (value == reason) return word;
  return "other";
}

}  // namespace wardline::delivery
