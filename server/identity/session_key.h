// What stands for the token of a session once it has been shown: whoever asks about a session again keeps
// this, and never the token.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "lib/bytes/bytes.h"

namespace wardline::identity {

/// The hash by which the database knows a session. It is no secret: nobody gets in with it, and no token can
/// be found from it. So it may be kept as long as a socket is open, and be compared like any other key. It
/// changes with the token: what was begun before a session gained rights does not gain them.
class SessionKey {
 public:
  /// Nothing for what is no token.
  static std::optional<SessionKey> of(std::string_view token);

  ByteView view() const { return hash_; }
  auto operator<=>(const SessionKey&) const = default;

 private:
  SessionKey() = default;
  std::array<std::uint8_t, 32> hash_{};
};

}  // namespace wardline::identity
