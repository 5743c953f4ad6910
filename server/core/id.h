// Typed identifiers: one C++ type per kind of thing, so that a user id can never be passed for a device id.
#pragma once

#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>
#include <string>

#include "lib/bytes/bytes.h"
#include "lib/bytes/text.h"

namespace wardline::core {

/// A UUID (RFC 9562) of the things that `Tag` names. New ones are version 7: they sort by time of creation.
template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}

  /// From 16 bytes, as stored; nothing for any other length.
  static std::optional<Id> from_bytes(ByteView view) {
    if (view.size() != 16) return std::nullopt;
    Id id;
    std::memcpy(id.bytes_.data(), view.data(), 16);
    return id;
  }

  /// From the 8-4-4-4-12 form, lower or upper case; nothing for anything else.
  static std::optional<Id> parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    std::string digits;
    for (std::size_t i = 0; i < 36; ++i) {
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash != (text[i] == '-')) return std::nullopt;
      if (!dash) digits += text[i];
    }
    const auto bytes = from_hex(digits);
    return bytes ? from_bytes(*bytes) : std::nullopt;
  }

  std::string to_string() const {
    std::string text = to_hex(bytes_);
    for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
    return text;
  }
  ByteView view() const { return bytes_; }
  Bytes bytes() const { return wardline::to_bytes(bytes_); }
  bool is_nil() const { return *this == Id(); }

  auto operator<=>(const Id&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

using UserId = Id<struct UserTag>;
using DeviceId = Id<struct DeviceTag>;
using SessionId = Id<struct SessionTag>;
using ConversationId = Id<struct ConversationTag>;
using PatientId = Id<struct PatientTag>;
using ServiceLineId = Id<struct ServiceLineTag>;
using LocationId = Id<struct LocationTag>;
using OnCallRoleId = Id<struct OnCallRoleTag>;
using AuditEntryId = Id<struct AuditEntryTag>;
using IdempotencyId = Id<struct IdempotencyTag>;
using KeyPackageId = Id<struct KeyPackageTag>;
using FileId = Id<struct FileTag>;

/// A fresh version 7 UUID: 48 bits of milliseconds, a counter that keeps ids of one process in order, random
/// bits.
std::array<std::uint8_t, 16> new_uuid_v7();

template <class SomeId>
SomeId new_id() {
  return SomeId(new_uuid_v7());
}

}  // namespace wardline::core

template <class Tag>
struct std::hash<wardline::core::Id<Tag>> {
  std::size_t operator()(const wardline::core::Id<Tag>& id) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, id.view().data() + 8, sizeof(value));  // The random half.
    return value;
  }
};
