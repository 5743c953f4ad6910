// The ciphertext of files on disk: uploads under their id while they grow, whole ones under the digest of
// what they hold. Names are made here, from ids and digests as numbers: nothing that came over the wire is
// one.
//
//   pending/<id, 32 hex digits>                      an upload
//   kept/<first 2 hex digits>/<the other 62>         a whole file; the name is its SHA-256
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/core/clock.h"
#include "server/core/error.h"
#include "server/core/id.h"

namespace wardline::files {

using Digest = std::array<std::uint8_t, 32>;

/// Calls block, and none of them locks: two that change the same file must not run at the same time (Files
/// sees to that). Errors: "storage-full", "file-storage-unusable" (owner, rights, disk).
class ContentFolder {
 public:
  /// Makes the folder where it is absent.
  static core::Result<std::unique_ptr<ContentFolder>> open(const std::filesystem::path& folder);
  ~ContentFolder();
  ContentFolder(const ContentFolder&) = delete;
  ContentFolder& operator=(const ContentFolder&) = delete;

  /// How much of an upload is on disk; 0 where nothing is.
  core::Result<std::uint64_t> received(core::FileId file) const;
  /// Appends at `offset`, which must be where the upload ends. Durable when it returns; on an error the
  /// upload is as it was before. Error "wrong-offset" (received).
  core::Result<void> append(core::FileId file, std::uint64_t offset, ByteView bytes);
  /// Makes the upload a whole file, once its content has been checked: durable under its digest when this
  /// returns, and still under its id as well until `discard`, so that a crash in between loses nothing.
  /// Errors: "upload-incomplete" (received), "digest-mismatch".
  core::Result<void> keep(core::FileId file, std::uint64_t size, const Digest& digest);
  /// Removes an upload. Nothing to do where there is none.
  core::Result<void> discard(core::FileId file);
  /// Removes a whole file. Nothing to do where there is none.
  core::Result<void> remove(const Digest& digest);
  /// Bytes of a whole file; exactly `length` of them. Error "file-damaged": it is not there, or too short.
  core::Result<std::string> read(const Digest& digest, std::uint64_t offset, std::size_t length) const;

  /// What can still be written, in bytes.
  core::Result<std::uint64_t> free_space() const;
  /// Every upload and whole file that was last changed before `then`, as far as their names are ours.
  core::Result<std::vector<core::FileId>> uploads_before(core::Time then) const;
  core::Result<std::vector<Digest>> contents_before(core::Time then) const;

 private:
  ContentFolder(std::filesystem::path folder, int pending, int kept)
      : folder_(std::move(folder)), pending_(pending), kept_(kept) {}
  std::filesystem::path folder_;
  int pending_;  ///< open directories
  int kept_;
};

}  // namespace wardline::files
