#include "server/audit/network.h"

#include <algorithm>
#include <charconv>

namespace wardline::audit {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedV4 = {0, 0, 0, 0, 0,    0,
                                                    0, 0, 0, 0, 0xff, 0xff};  // RFC 4291 §2.5.5.2
constexpr std::string_view kLoopbackV6 = "::1/128";

/// Takes a number and the separator after it off the text.
std::optional<unsigned> take(std::string_view& text, int base, std::string_view separator, unsigned largest) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || value > largest) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(separator)) return std::nullopt;
  text.remove_prefix(separator.size());
  return value;
}

std::string hex(unsigned value) {
  std::array<char, 4> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return {digits.data(), end};
}

}  // namespace

std::optional<Network> Network::of_address(ByteView address) {
  Network network;
  if (address.size() == 16 && equal(address.first(12), kMappedV4)) address = address.subspan(12);
  if (address.size() == 4) {
    std::ranges::copy(address.first(3), network.prefix_.begin());
    if (address[0] == 127) network.prefix_ = {127, 0, 0};
    network.is_loopback_ = address[0] == 127;
    return network;
  }
  if (address.size() != 16) return std::nullopt;
  network.is_v6_ = true;
  std::ranges::copy(address.first(6), network.prefix_.begin());
  network.is_loopback_ =
      address[15] == 1 && std::ranges::all_of(address.first(15), [](auto byte) { return byte == 0; });
  return network;
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::string_view whole = text;
  Network network;
  if (text == kLoopbackV6) {
    network.is_v6_ = network.is_loopback_ = true;
  } else if (text.find(':') == std::string_view::npos) {
    for (std::size_t i = 0; i < 3; ++i) {
      const auto byte = take(text, 10, ".", 255);
      if (!byte) return std::nullopt;
      network.prefix_[i] = static_cast<std::uint8_t>(*byte);
    }
    network.is_loopback_ = network.prefix_[0] == 127;
  } else {
    network.is_v6_ = true;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto group = take(text, 16, ":", 0xffff);
      if (!group) return std::nullopt;
      network.prefix_[2 * i] = static_cast<std::uint8_t>(*group >> 8);
      network.prefix_[2 * i + 1] = static_cast<std::uint8_t>(*group);
    }
  }
  if (network.to_text() != whole) return std::nullopt;
  return network;
}

Network::Class Network::network_class() const {
  if (is_loopback_) return Class::loopback;
  const std::uint8_t first = prefix_[0];
  const std::uint8_t second = prefix_[1];
  bool internal = false;
  if (is_v6_) {
    internal =
        (first & 0xfe) == 0xfc || (first == 0xfe && (second & 0xc0) == 0x80);  // RFC 4193, RFC 4291 §2.5.6
  } else {
    internal = first == 10 || (first == 172 && second >> 4 == 1) ||
               (first == 192 && second == 168) ||                                      // RFC 1918
               (first == 100 && second >> 6 == 1) || (first == 169 && second == 254);  // RFC 6598, RFC 3927
  }
  return internal ? Class::internal : Class::external;
}

std::string Network::to_text() const {
  if (is_v6_ && is_loopback_) return std::string(kLoopbackV6);
  if (!is_v6_) {
    return std::to_string(prefix_[0]) + "." + std::to_string(prefix_[1]) + "." + std::to_string(prefix_[2]) +
           ".0/24";
  }
  std::string text;
  for (std::size_t i = 0; i < 3; ++i) text += hex(prefix_[2 * i] * 256u + prefix_[2 * i + 1]) + ":";
  return text + ":/48";
}

std::string_view name_of(Network::Class network_class) {
  switch (network_class) {
    case Network::Class::loopback:
      return "loopback";
    case Network::Class::internal:
      return "internal";
    case Network::Class::external:
      return "external";
  }
  return "external";
}

}  // namespace wardline::audit
