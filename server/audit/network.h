// From where somebody acted: the class of the address and its network, never a host or a name.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "lib/bytes/bytes.h"

namespace wardline::audit {

/// An IPv4 /24 or an IPv6 /48: enough to tell the ward from the world and to notice impossible travel
/// (AUD-5).
class Network {
 public:
  enum class Class : std::uint8_t {
    loopback,  ///< 127.0.0.0/8, ::1
    internal,  ///< RFC 1918, RFC 4193, RFC 6598, link-local
    external,  ///< everything else
  };

  /// From an address of 4 or 16 bytes in network order; nothing for other lengths. IPv4 in IPv6 counts as
  /// IPv4.
  static std::optional<Network> of_address(ByteView address);
  static std::optional<Network> parse(std::string_view text);

  Class network_class() const;
  /// "192.0.2.0/24", "2001:db8:0::/48"
  std::string to_text() const;

  bool operator==(const Network&) const = default;

 private:
  std::array<std::uint8_t, 6> prefix_{};  ///< 3 bytes of an IPv4 address, 6 of an IPv6 address
  bool is_v6_ = false;
  bool is_loopback_ = false;
};

std::string_view name_of(Network::Class network_class);

}  // namespace wardline::audit
