// What was done: an action of the policy, or something that the server does by itself.
#pragma once

#include <optional>
#include <string_view>

#include "server/policy/action.h"

namespace wardline::audit {

/// What nobody asks for. Names begin with "system." so that they never meet one of the policy's actions.
enum class SystemAct : std::uint8_t {
  start,              ///< the server took up work
  stop,               ///< the server was shut down in order
  session_expire,     ///< a session ended by itself
  account_expire,     ///< an account ended by itself (IAM-10)
  device_remove,      ///< the server proposed to remove a device from a group
  message_expire,     ///< ciphertext was deleted because its time was up (MSG-3)
  data_key_create,    ///< a key that seals data was made
  data_key_rotate,    ///< a key that seals data was replaced
  data_key_destroy,   ///< a key was deleted, and with it what it sealed
  certificate_issue,  ///< a device certificate was signed
  certificate_revoke,
  policy_load,  ///< a version of the policy came into force
  clock_check,  ///< the clock was compared with its source (AUD-8)
  backup,       ///< a backup was written (ENC-7)
  file_expire,  ///< an upload that nobody finished was removed (MSG-4)
};
inline constexpr std::size_t kSystemActCount = 15;

class Act {
 public:
  // NOLINTBEGIN(google-explicit-constructor): both kinds are meant to convert.
  constexpr Act(policy::Action action) : action_(action) {}
  constexpr Act(SystemAct act) : system_(act) {}
  // NOLINTEND(google-explicit-constructor)

  /// Stable and dotted: "message.send", "system.session-expire".
  std::string_view name() const;
  static std::optional<Act> find(std::string_view name);

  bool operator==(const Act&) const = default;

 private:
  std::optional<policy::Action> action_;
  std::optional<SystemAct> system_;
};

}  // namespace wardline::audit
