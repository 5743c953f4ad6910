// Files of conversations (MSG-4): members upload ciphertext in parts, and fetch it in parts. What is in it
// only members' devices know: the key of each file travels inside an encrypted message.
#pragma once

#include <array>
#include <mutex>
#include <string>

#include "server/audit/entry.h"
#include "server/files/file_store.h"
#include "server/policy/decide.h"
#include "server/storage/database.h"

namespace wardline::files {

/// What the configuration sets: [files] in wardline.toml.
struct Limits {
  std::uint64_t largest_bytes = 100ULL << 20;  ///< of one file's ciphertext
  std::int64_t per_conversation = 10'000;
  std::int64_t pending_per_user = 8;           ///< uploads at the same time
  std::uint64_t total_bytes = 50ULL << 30;     ///< of all files together
  std::uint64_t reserve_bytes = 512ULL << 20;  ///< of the disk: left for messages and the audit log
  std::chrono::seconds keep_pending = std::chrono::hours(24);
};

/// The most that one request carries, either way.
inline constexpr std::size_t kLargestPart = 1 << 20;
/// A device that fetches a file in many parts within this time makes one entry in the audit log.
inline constexpr std::chrono::minutes kOneReading{15};

struct BeginUpload {
  core::ConversationId conversation;
  core::FileId file;       ///< chosen by the client: repeating the call finds the same upload
  std::uint64_t size = 0;  ///< of the ciphertext
  Digest digest{};         ///< SHA-256 of the ciphertext
};

struct Upload {
  std::uint64_t received = 0;
  core::Time expires_at;
  bool complete = false;
};

/// Where a part of an upload belongs, by what its sender says.
struct PlaceOfPart {
  std::uint64_t first = 0;
  std::uint64_t size = 0;  ///< of the whole file
};

struct Part {
  std::string bytes;
  std::uint64_t first = 0;
  std::uint64_t size = 0;  ///< of the whole file
};

/// Calls block. Every one of them asks whether the caller's device is in the conversation now; error
/// "conversation-not-found" if not, also for a conversation that does not exist. For files of other
/// conversations, "file-not-found". Besides, the errors of ContentFolder.
class Files {
 public:
  /// All outlive the object.
  Files(storage::Database& database, const policy::Policy& policy, const core::Clock& clock,
        const audit::PatientReferenceKey& patients, ContentFolder& folder, const Limits& limits)
      : database_(database),
        policy_(policy),
        clock_(clock),
        patients_(patients),
        folder_(folder),
        limits_(limits) {}

  const Limits& limits() const { return limits_; }

  /// Announces a file, or says how far its upload has come. Errors: "file-too-large" (max_bytes),
  /// "too-many-files", "too-many-uploads", "file-storage-full", "file-id-taken", "conversation-closed".
  core::Result<Upload> begin(const policy::Subject& subject, const BeginUpload& request);
  /// Appends. Only for the device that began it. Errors: "wrong-size" (size: as announced), "wrong-offset"
  /// (received), "file-too-large".
  core::Result<Upload> write(const policy::Subject& subject, core::ConversationId conversation,
                             core::FileId file, PlaceOfPart part, ByteView bytes);
  /// Checks the digest and makes the file one that members can fetch. Once it is so, again gives the same.
  /// Errors: "upload-incomplete" (received), "digest-mismatch", after which there is no such upload.
  core::Result<Upload> complete(const policy::Subject& subject, core::ConversationId conversation,
                                core::FileId file);
  /// Gives an upload up. Nothing to do where there is none.
  core::Result<void> cancel(const policy::Subject& subject, core::ConversationId conversation,
                            core::FileId file);
  /// Bytes of a whole file from `first` on, up to and with `last`, but never more than `kLargestPart`.
  /// Errors: "range-not-satisfiable" (size).
  core::Result<Part> read(const policy::Subject& subject, core::ConversationId conversation,
                          core::FileId file, std::uint64_t first, std::uint64_t last);

  /// Removes uploads that nobody finished, and, at first and then once a day, what a crash left on disk. For
  /// one thread.
  core::Result<void> purge();

 private:
  struct Place;
  template <policy::Action action>
  core::Result<Place> enter(storage::ReadTransaction& tx, const policy::Subject& subject,
                            core::ConversationId conversation) const;
  template <policy::Action action>
  core::Result<Place> find(storage::ReadTransaction& tx, const policy::Subject& subject,
                           core::ConversationId conversation, core::FileId file) const;
  core::Result<void> check_limits(storage::ReadTransaction& tx, const Place& place,
                                  const BeginUpload& request) const;
  Upload standing(const StoredFile& file, std::uint64_t received) const;
  audit::Entry entry_of(const policy::Subject& subject, policy::Action action, const Place& place) const;
  core::Error refused(const policy::Subject& subject, policy::Action action,
                      core::ConversationId conversation, core::FileId file, core::Error why);
  core::Result<void> forget_upload(const StoredFile& file, const audit::Entry& entry);
  core::Result<void> sweep();
  /// Whoever changes an upload, or the content that it is to become, holds this.
  std::unique_lock<std::mutex> lock(const Digest& digest) {
    return std::unique_lock(locks_[digest[0] % locks_.size()]);
  }

  storage::Database& database_;
  const policy::Policy& policy_;
  const core::Clock& clock_;
  const audit::PatientReferenceKey& patients_;
  ContentFolder& folder_;
  const Limits limits_;
  std::array<std::mutex, 32> locks_;
  std::optional<core::Time> swept_at_;
};

}  // namespace wardline::files
