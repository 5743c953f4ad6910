#include "server/directory/on_call.h"

#include <algorithm>
#include <tuple>

namespace wardline::directory {

std::optional<Shift> shift_at(std::span<const Shift> shifts, core::Time at) {
  std::optional<Shift> best;
  for (const Shift& shift : shifts) {
    if (at < shift.from || at >= shift.until) continue;
    if (!best || std::tie(shift.from, shift.id) > std::tie(best->from, best->id)) best = shift;
  }
  return best;
}

Duty duty_at(std::span<const Shift> shifts, core::Time now) {
  std::vector<core::Time> changes;
  for (const Shift& shift : shifts) {
    if (shift.from > now) changes.push_back(shift.from);
    if (shift.until > now) changes.push_back(shift.until);
  }
  std::ranges::sort(changes);

  Duty duty;
  if (const auto current = shift_at(shifts, now)) duty.now = current->user;
  for (const core::Time& change : changes) {
    const auto shift = shift_at(shifts, change);
    if (shift && shift->user == duty.now && !duty.until) continue;  // A second shift of the same person.
    if (duty.now && !duty.until) duty.until = change;
    if (!shift) continue;
    duty.next = shift->user;
    break;
  }
  return duty;
}

}  // namespace wardline::directory
