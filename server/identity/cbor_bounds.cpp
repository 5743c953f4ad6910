#include "server/identity/cbor_bounds.h"

#include <cstdint>

namespace wardline::identity {
namespace {

constexpr int kMostContainers = 64;

// RFC 8949 §3.1.
enum Major : std::uint8_t {
  unsigned_integer,
  negative_integer,
  byte_string,
  text_string,
  array,
  map,
  tag,
  simple
};
constexpr std::uint8_t kIndefinite = 31;

// WebAuthn §6.1: hash of the relying party, flags, counter; then, if flagged, model, length of the id, and
// the id.
constexpr std::size_t kFlagsAt = 32;
constexpr std::size_t kFixed = 37;
constexpr std::uint8_t kHasCredential = 0x40;
constexpr std::size_t kModel = 16;

}  // namespace

bool is_cbor_bounded(ByteView bytes) {
  int containers = 0;
  while (!bytes.empty()) {
    const auto major = static_cast<Major>(bytes[0] >> 5U);
    const std::uint8_t info = bytes[0] & 0x1fU;
    bytes = bytes.subspan(1);
    if (info > 27 && info != kIndefinite) return false;
    const std::size_t width = info < 24 || info == kIndefinite ? 0 : std::size_t{1} << (info - 24U);
    if (bytes.size() < width) return false;
    std::uint64_t value = info < 24 ? info : 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8U | bytes[i];
    bytes = bytes.subspan(width);

    const bool is_container = major == array || major == map || major == tag;
    if (is_container && ++containers > kMostContainers) return false;
    if (major == array && value > bytes.size()) return false;
    if (major == map && value > bytes.size() / 2) return false;
    if (major == byte_string || major == text_string) {
      if (value > bytes.size()) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(value));
    }
  }
  return true;
}

bool is_authenticator_data_bounded(ByteView data) {
  if (data.size() < kFixed) return false;
  ByteView rest = data.subspan(kFixed);
  if ((data[kFlagsAt] & kHasCredential) != 0) {
    if (rest.size() < kModel + 2) return false;
    const std::size_t length = std::size_t{rest[kModel]} << 8U | rest[kModel + 1];
    rest = rest.subspan(kModel + 2);
    if (rest.size() < length) return false;
    rest = rest.subspan(length);
  }
  return is_cbor_bounded(rest);
}

}  // namespace wardline::identity
