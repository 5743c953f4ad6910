#include "server/audit/act.h"

#include <algorithm>
#include <array>

namespace wardline::audit {
namespace {

constexpr std::array<std::string_view, kSystemActCount> kSystemNames = {"system.start",
                                                                        "system.stop",
                                                                        "system.session-expire",
                                                                        "system.account-expire",
                                                                        "system.device-remove",
                                                                        "system.message-expire",
                                                                        "system.data-key-create",
                                                                        "system.data-key-rotate",
                                                                        "system.data-key-destroy",
                                                                        "system.certificate-issue",
                                                                        "system.certificate-revoke",
                                                                        "system.policy-load",
                                                                        "system.clock-check",
                                                                        "system.backup",
                                                                        "system.file-expire"};
static_assert(static_cast<std::size_t>(SystemAct::file_expire) + 1 == kSystemActCount);

}  // namespace

std::string_view Act::name() const {
  return system_ ? kSystemNames.at(static_cast<std::size_t>(*system_)) : policy::name_of(*action_);
}

std::optional<Act> Act::find(std::string_view name) {
  if (const auto action = policy::find_action(name)) return Act(*action);
  const auto* found = std::ranges::find(kSystemNames, name);
  if (found == kSystemNames.end()) return std::nullopt;
  return Act(static_cast<SystemAct>(found - kSystemNames.begin()));
}

}  // namespace wardline::audit
