#include "server/files/file_store.h"

#include <algorithm>

namespace wardline::files {
namespace {

Digest digest_of(ByteView bytes) {
  Digest digest{};
  std::ranges::copy(bytes.first(std::min(bytes.size(), digest.size())), digest.begin());
  return digest;
}

StoredFile from_row(const storage::Row& row) {
  return {.file = row.get<core::FileId>(0),
          .conversation_no = row.get<std::int64_t>(1),
          .user = row.get<core::UserId>(2),
          .device = row.get<core::DeviceId>(3),
          .size = row.get<std::uint64_t>(4),
          .digest = digest_of(row.bytes_view(5)),
          .begun_at = row.get<core::Time>(6),
          .completed_at = row.get<std::optional<core::Time>>(7)};
}

}  // namespace

std::optional<StoredFile> find_file(storage::ReadTransaction& tx, core::FileId file) {
  const auto rows = tx.query(
      "SELECT file_id, conversation_no, uploader_user, uploader_device, size, sha256, begun_at, completed_at "
      "FROM files WHERE file_id = $1",
      file);
  if (rows.empty()) return std::nullopt;
  return from_row(rows.front());
}

void insert_file(storage::Transaction& tx, const StoredFile& file) {
  tx.execute(
      "INSERT INTO files (file_id, conversation_no, uploader_user, uploader_device, size, sha256, begun_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      file.file, file.conversation_no, file.user, file.device, file.size, ByteView(file.digest),
      file.begun_at);
  tx.execute("UPDATE file_space SET bytes = bytes + $1 WHERE id = 1", file.size);
}

void mark_complete(storage::Transaction& tx, core::FileId file, core::Time now) {
  tx.execute("UPDATE files SET completed_at = $2 WHERE file_id = $1 AND completed_at IS NULL", file, now);
}

bool delete_upload(storage::Transaction& tx, core::FileId file) {
  const auto size = tx.query_value<std::int64_t>(
      "DELETE FROM files WHERE file_id = $1 AND completed_at IS NULL RETURNING size", file);
  if (!size) return false;
  tx.execute("UPDATE file_space SET bytes = bytes - $1 WHERE id = 1", *size);
  return true;
}

Usage usage(storage::ReadTransaction& tx, std::int64_t conversation_no, core::UserId user) {
  const auto row = tx.query(
      "SELECT (SELECT COUNT(*) FROM files WHERE conversation_no = $1), "
      "(SELECT COUNT(*) FROM files WHERE uploader_user = $2 AND completed_at IS NULL), "
      "(SELECT bytes FROM file_space WHERE id = 1)",
      conversation_no, user);
  return {row.front().get<std::int64_t>(0), row.front().get<std::int64_t>(1),
          row.front().get<std::uint64_t>(2)};
}

std::vector<StoredFile> uploads_begun_before(storage::ReadTransaction& tx, core::Time then, int limit) {
  std::vector<StoredFile> uploads;
  for (const auto row :
       tx.query("SELECT file_id, conversation_no, uploader_user, uploader_device, size, sha256, begun_at, "
                "completed_at FROM files WHERE completed_at IS NULL AND begun_at < $1 LIMIT $2",
                then, limit)) {
    uploads.push_back(from_row(row));
  }
  return uploads;
}

bool is_content_used(storage::ReadTransaction& tx, const Digest& digest) {
  return !tx.query("SELECT 1 FROM files WHERE sha256 = $1 AND completed_at IS NOT NULL LIMIT 1",
                   ByteView(digest))
              .empty();
}

std::optional<core::Time> last_reading(storage::ReadTransaction& tx, core::FileId file,
                                       core::DeviceId device) {
  return tx.query_value<core::Time>("SELECT read_at FROM file_readings WHERE file_id = $1 AND device_id = $2",
                                    file, device);
}

void note_reading(storage::Transaction& tx, core::FileId file, core::DeviceId device, core::Time now) {
  tx.execute(
      "INSERT INTO file_readings (file_id, device_id, read_at) VALUES ($1, $2, $3) "
      "ON CONFLICT (file_id, device_id) DO UPDATE SET read_at = $3",
      file, device, now);
}

}  // namespace wardline::files
