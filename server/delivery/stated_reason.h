// Why somebody writes outside their service, or to somebody outside the patient's care team (IAM-6, MSG-8).
// One word of a fixed list: what a person types never gets into the audit log (AUD-3).
#pragma once

#include <cstdint>

namespace wardline::delivery {

enum class StatedReason : std::uint8_t {
  consult,       ///< another service's opinion
  handover,      ///< the patient goes from one team to another
  on_call,       ///< the recipient covers for whoever looks after the patient
  emergency,     ///< it cannot wait for anything else
  coordination,  ///< arranging tests, transport, discharge
  other,         ///< none of these: the review asks
};

}  // namespace wardline::delivery
