// Typed identifiers: one C++ type per kind of thing, so that a user id can never be passed for a device id.
#pragma once

#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/bytes/bytes.h"
#include "lib/bytes/text.h"

namespace wardline::core {

/// The 16 bytes of a UUID's 8-4-4-4-12 form, lower or upper case; nothing for anything else.
std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text);
void append_uuid(std::string& text, std::span<const std::uint8_t, 16> bytes);

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
    const auto bytes = parse_uuid(text);
    return bytes ? std::optional(Id(*bytes)) : std::nullopt;
  }

  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& text) const { append_uuid(text, bytes_); }
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
