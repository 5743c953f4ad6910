// Who has the duty: resolves an on-call role to a person at a time (SAF-5).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "server/core/clock.h"
#include "server/core/id.h"

namespace wardline::directory {

using ShiftId = core::Id<struct ShiftTag>;

struct Shift {
  ShiftId id;
  core::OnCallRoleId role;
  core::UserId user;
  core::Time from;
  core::Time until;  ///< not included
};

/// The shift that counts at `at` among the shifts of one role: of several, the one that began last, then the
/// one entered last. A swap is written over the plan, not into it.
std::optional<Shift> shift_at(std::span<const Shift> shifts, core::Time at);

struct Duty {
  std::optional<core::UserId> now;
  std::optional<core::Time> until;   ///< when somebody else, or nobody, takes over from `now`
  std::optional<core::UserId> next;  ///< who comes next, after a gap or without one
};

/// What people ask the rota: who now, until when, who next.
Duty duty_at(std::span<const Shift> shifts_of_one_role, core::Time now);

}  // namespace wardline::directory
