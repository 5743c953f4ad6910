// The rows of the files: whose they are, what they are to hold, and how far they have come.
#pragma once

#include <optional>
#include <vector>

#include "server/core/clock.h"
#include "server/files/content_folder.h"
#include "server/storage/transaction.h"

namespace wardline::files {

struct StoredFile {
  core::FileId file;
  std::int64_t conversation_no = 0;
  core::UserId user;
  core::DeviceId device;
  std::uint64_t size = 0;
  Digest digest{};
  core::Time begun_at;
  std::optional<core::Time> completed_at;
  bool operator==(const StoredFile&) const = default;
};

/// All of these throw StorageFailure, as statements do.
std::optional<StoredFile> find_file(storage::ReadTransaction& tx, core::FileId file);
void insert_file(storage::Transaction& tx, const StoredFile& file);
void mark_complete(storage::Transaction& tx, core::FileId file, core::Time now);
/// Only while it is being uploaded. False if it is not, or is not there.
bool delete_upload(storage::Transaction& tx, core::FileId file);

/// What the limits are about.
struct Usage {
  std::int64_t in_conversation = 0;  ///< files
  std::int64_t pending_of_user = 0;  ///< uploads
  std::uint64_t bytes = 0;           ///< of all files
};
Usage usage(storage::ReadTransaction& tx, std::int64_t conversation_no, core::UserId user);

/// Uploads that were begun before `then`; at most `limit`.
std::vector<StoredFile> uploads_begun_before(storage::ReadTransaction& tx, core::Time then, int limit);
/// Whether a whole file has this content.
bool is_content_used(storage::ReadTransaction& tx, const Digest& digest);

/// When this device last began to fetch the file.
std::optional<core::Time> last_reading(storage::ReadTransaction& tx, core::FileId file,
                                       core::DeviceId device);
void note_reading(storage::Transaction& tx, core::FileId file, core::DeviceId device, core::Time now);

}  // namespace wardline::files
