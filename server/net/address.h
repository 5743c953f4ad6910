// Where a request comes from: an IP address in a form that limits and audit entries can use.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

namespace wardline::net {

/// An IPv6 address, or an IPv4 one in its mapped form (::ffff:a.b.c.d), in network order.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Address&) const = default;

  bool is_v4() const;
  bool is_loopback() const;
  /// "192.0.2.7" or "2001:db8::1".
  std::string to_string() const;

  /// What limits count: the address itself for IPv4, the /64 that one subscriber owns for IPv6.
  Address network() const {
    Address network = *this;
    if (!is_v4()) std::memset(network.bytes.data() + 8, 0, 8);
    return network;
  }
};

}  // namespace wardline::net

template <>
struct std::hash<wardline::net::Address> {
  std::size_t operator()(const wardline::net::Address& address) const noexcept {
    // An attacker chooses addresses only within what is routed to him; a plain mix is enough for that.
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, address.bytes.data(), 8);
    std::memcpy(&low, address.bytes.data() + 8, 8);
    return (high ^ (low * 0x9e3779b97f4a7c15ULL)) * 0xbf58476d1ce4e5b9ULL;
  }
};
