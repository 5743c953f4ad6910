// On what somebody acted: a typed id with its kind; patients as keyed hashes only.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "lib/bytes/secret_bytes.h"
#include "server/core/id.h"

namespace wardline::audit {

/// Patients are absent on purpose: see PatientReference.
enum class ObjectKind : std::uint8_t {
  user,
  device,
  session,
  conversation,
  message,  ///< a conversation's id and a sequence number in it
  service_line,
  location,
  on_call_role,
  key_package,
  audit_entry,
  file,
};
inline constexpr std::size_t kObjectKindCount = 11;
std::string_view name_of(ObjectKind kind);
std::optional<ObjectKind> find_object_kind(std::string_view name);

class Object {
 public:
  // NOLINTBEGIN(google-explicit-constructor): an id is meant to convert.
  Object(core::UserId id) : Object(ObjectKind::user, id.view(), {}) {}
  Object(core::DeviceId id) : Object(ObjectKind::device, id.view(), {}) {}
  Object(core::SessionId id) : Object(ObjectKind::session, id.view(), {}) {}
  Object(core::ConversationId id) : Object(ObjectKind::conversation, id.view(), {}) {}
  Object(core::ServiceLineId id) : Object(ObjectKind::service_line, id.view(), {}) {}
  Object(core::LocationId id) : Object(ObjectKind::location, id.view(), {}) {}
  Object(core::OnCallRoleId id) : Object(ObjectKind::on_call_role, id.view(), {}) {}
  Object(core::KeyPackageId id) : Object(ObjectKind::key_package, id.view(), {}) {}
  Object(core::AuditEntryId id) : Object(ObjectKind::audit_entry, id.view(), {}) {}
  Object(core::FileId id) : Object(ObjectKind::file, id.view(), {}) {}
  // NOLINTEND(google-explicit-constructor)
  /// The entry with this sequence number of a conversation's log.
  static Object message(core::ConversationId conversation, std::uint64_t sequence) {
    return {ObjectKind::message, conversation.view(), sequence};
  }
  /// As read back from a log: 16 bytes, and a number for messages only; nothing for anything else.
  static std::optional<Object> from_parts(ObjectKind kind, ByteView id, std::optional<std::uint64_t> number);

  ObjectKind kind() const { return kind_; }
  ByteView id() const { return id_; }
  std::optional<std::uint64_t> number() const { return number_; }
  bool operator==(const Object&) const = default;

 private:
  Object(ObjectKind kind, ByteView id, std::optional<std::uint64_t> number) : kind_(kind), number_(number) {
    std::ranges::copy(id, id_.begin());
  }
  ObjectKind kind_;
  std::array<std::uint8_t, 16> id_{};
  std::optional<std::uint64_t> number_;
};

/// Which patient, for those who hold the key: HMAC-SHA-256 of the patient's id, cut to 16 bytes. Reports find
/// all entries about a patient by computing it again; a copy of the log alone does not name anybody.
class PatientReference {
 public:
  static std::optional<PatientReference> from_bytes(ByteView bytes);
  ByteView view() const { return bytes_; }
  bool operator==(const PatientReference&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// Makes references. The key stays for the life of the log: with another one, old entries are no longer
/// found.
class PatientReferenceKey {
 public:
  /// At least 32 bytes.
  explicit PatientReferenceKey(SecretBytes key) : key_(std::move(key)) {}
  PatientReference of(core::PatientId patient) const;

 private:
  SecretBytes key_;
};

}  // namespace wardline::audit
