#include "client/messaging/begun_uploads.h"

#include "lib/bytes/text.h"

namespace wardline::client {
namespace {

constexpr std::string_view kPrefix = "upload ";
/// Longer than a server keeps what is not finished.
constexpr std::uint64_t kKept = 7ULL * 24 * 60 * 60 * 1'000'000;

Bytes key_of(const std::string& conversation_id, ByteView plain_sha256) {
  return text_key(std::string(kPrefix) + conversation_id + " " + to_hex(plain_sha256));
}

}  // namespace

std::optional<UploadKey> BegunUploads::find(const std::string& conversation_id, ByteView plain_sha256) {
  auto record = state_.find<UploadRecord>(key_of(conversation_id, plain_sha256));
  if (!record || !*record) return std::nullopt;
  return UploadKey{std::move((*record)->file_id), std::move((*record)->key), std::move((*record)->header)};
}

// What cannot be written down is begun anew the next time: no reason not to send it now.
void BegunUploads::keep(const std::string& conversation_id, ByteView plain_sha256, const UploadKey& key) {
  const auto now = static_cast<std::uint64_t>(now_microseconds());
  Changes changes;
  const auto others = state_.list<UploadRecord>(
      {text_key(kPrefix), text_key(std::string(kPrefix) + "~"), Order::ascending, SIZE_MAX});
  for (std::size_t i = 0; others && i < others->size(); ++i) {
    const UploadRecord& each = (*others)[i];
    if (each.begun_at + kKept < now)
      changes.remove(Table::facts, key_of(each.conversation_id, each.plain_sha256));
  }
  put(changes, key_of(conversation_id, plain_sha256),
      UploadRecord{conversation_id, to_bytes(plain_sha256), now, key.file_id, key.key.copy(), key.header});
  (void)state_.note(changes);
}

void BegunUploads::forget(const std::string& conversation_id, ByteView plain_sha256) {
  Changes changes;
  changes.remove(Table::facts, key_of(conversation_id, plain_sha256));
  (void)state_.note(changes);
}

}  // namespace wardline::client
