#include "server/audit/object.h"

#include "lib/crypto/hash.h"

namespace wardline::audit {
namespace {

constexpr std::array<std::string_view, kObjectKindCount> kNames = {
    "user",     "device",       "session",     "conversation", "message", "service-line",
    "location", "on-call-role", "key-package", "audit-entry",  "file"};
static_assert(static_cast<std::size_t>(ObjectKind::file) + 1 == kObjectKindCount);

}  // namespace

std::string_view name_of(ObjectKind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

std::optional<ObjectKind> find_object_kind(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<ObjectKind>(found - kNames.begin());
}

std::optional<Object> Object::from_parts(ObjectKind kind, ByteView id, std::optional<std::uint64_t> number) {
  if (id.size() != 16 || number.has_value() != (kind == ObjectKind::message)) return std::nullopt;
  return Object(kind, id, number);
}

std::optional<PatientReference> PatientReference::from_bytes(ByteView bytes) {
  PatientReference reference;
  if (bytes.size() != reference.bytes_.size()) return std::nullopt;
  std::ranges::copy(bytes, reference.bytes_.begin());
  return reference;
}

PatientReference PatientReferenceKey::of(core::PatientId patient) const {
  const Bytes mac = crypto::hmac(crypto::HashAlgorithm::sha256, key_.view(), patient.view());
  return *PatientReference::from_bytes(ByteView(mac).first(16));
}

}  // namespace wardline::audit
