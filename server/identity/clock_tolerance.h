// How far a clock is believed to have been wrong before.
#pragma once

#include <chrono>

namespace wardline::identity {

/// A clock that is set back must not lengthen a session: one that was used in a time further ahead than this
/// has ended. Clocks are corrected by less all the time.
inline constexpr std::chrono::seconds kClockTolerance{60};

}  // namespace wardline::identity
