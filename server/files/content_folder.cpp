#include "server/files/content_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "lib/bytes/secret_bytes.h"
#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "lib/disk/durable_file.h"

namespace wardline::files {
namespace {

namespace fs = std::filesystem;
using core::ErrorKind;
using core::fail;
using core::Result;
using disk::Descriptor;

std::unexpected<core::Error> failure(int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG)
    return fail(ErrorKind::storage_full, "storage-full",
                "The disk is full. Nothing was stored; free space on the server and try again.");
  return fail(ErrorKind::unavailable, "file-storage-unusable",
              "The folder of the files cannot be read or written. Check its owner, its rights and the disk.",
              {{"errno", error}});
}

std::string name_of(core::FileId file) { return to_hex(file.view()); }

/// "ab/cdef…", below `kept`.
std::string name_of(const Digest& digest) {
  std::string name = to_hex(digest);
  return name.insert(2, "/");
}

Result<std::uint64_t> size_of(const Descriptor& file) {
  struct stat info{};
  if (::fstat(file.value(), &info) != 0) return failure(errno);
  return static_cast<std::uint64_t>(info.st_size);
}

Result<Digest> digest_of(const Descriptor& file) {
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  Bytes buffer(256U << 10);
  for (std::uint64_t at = 0;;) {
    const ssize_t got = disk::read_all(file, buffer, at);
    if (got < 0) return failure(errno);
    if (got == 0) break;
    hasher.update(ByteView(buffer).first(static_cast<std::size_t>(got)));
    at += static_cast<std::uint64_t>(got);
  }
  Digest digest{};
  std::ranges::copy(hasher.finish(), digest.begin());
  return digest;
}

std::unexpected<core::Error> incomplete(std::uint64_t received) {
  return fail(ErrorKind::conflict, "upload-incomplete",
              "The upload is not whole yet. Go on from what was received.",
              {{"received", static_cast<std::int64_t>(received)}});
}

core::Time changed_at(const fs::path& path) {
  struct stat info{};
  // What vanishes meanwhile is as new as can be: it is left alone.
  if (::lstat(path.c_str(), &info) != 0) return {std::numeric_limits<std::int64_t>::max()};
  return {static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000 + info.st_mtim.tv_nsec / 1'000};
}

/// The names of the entries of a directory that were last changed before `then`.
Result<std::vector<std::string>> names_before(const fs::path& directory, core::Time then) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto at = fs::directory_iterator(directory, error); !error && at != fs::end(at); at.increment(error))
    if (changed_at(at->path()) < then) names.push_back(at->path().filename().string());
  if (error) return failure(error.value());
  return names;
}

}  // namespace

Result<std::unique_ptr<ContentFolder>> ContentFolder::open(const fs::path& folder) {
  for (const fs::path& each : {folder, folder / "pending", folder / "kept"})
    if (::mkdir(each.c_str(), 0700) != 0 && errno != EEXIST) return failure(errno);
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const int pending = ::open((folder / "pending").c_str(), flags);
  const int kept = ::open((folder / "kept").c_str(), flags);
  std::unique_ptr<ContentFolder> made(new ContentFolder(folder, pending, kept));
  if (pending < 0 || kept < 0) return failure(errno);
  return made;
}

ContentFolder::~ContentFolder() {
  if (pending_ >= 0) ::close(pending_);
  if (kept_ >= 0) ::close(kept_);
}

Result<std::uint64_t> ContentFolder::received(core::FileId file) const {
  struct stat info{};
  if (::fstatat(pending_, name_of(file).c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return 0;
    return failure(errno);
  }
  return static_cast<std::uint64_t>(info.st_size);
}

Result<void> ContentFolder::append(core::FileId file, std::uint64_t offset, ByteView bytes) {
  const Descriptor upload(
      ::openat(pending_, name_of(file).c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!upload.is_open()) return failure(errno);
  const auto size = size_of(upload);
  if (!size) return std::unexpected(size.error());
  if (*size != offset)
    return fail(ErrorKind::conflict, "wrong-offset",
                "The upload does not go on there. Go on from what was received.",
                {{"received", static_cast<std::int64_t>(*size)}});
  if (disk::write_all(upload, bytes, offset) && ::fdatasync(upload.value()) == 0 &&
      (offset > 0 || ::fsync(pending_) == 0))
    return {};
  const int error = errno;
  if (::ftruncate(upload.value(), static_cast<off_t>(offset)) != 0) return failure(errno);
  if (offset == 0) ::unlinkat(pending_, name_of(file).c_str(), 0);
  return failure(error);
}

Result<void> ContentFolder::keep(core::FileId file, std::uint64_t size, const Digest& digest) {
  const std::string from = name_of(file);
  const std::string to = name_of(digest);
  const Descriptor upload(::openat(pending_, from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!upload.is_open()) {
    if (errno == ENOENT) return incomplete(0);
    return failure(errno);
  }
  const auto received = size_of(upload);
  if (!received) return std::unexpected(received.error());
  if (*received != size) return incomplete(*received);
  const auto found = digest_of(upload);
  if (!found) return std::unexpected(found.error());
  if (*found != digest)
    return fail(ErrorKind::rejected, "digest-mismatch",
                "What arrived is not what was announced. The upload was removed; begin it again.");
  if (::fsync(upload.value()) != 0) return failure(errno);

  if (::mkdirat(kept_, to.substr(0, 2).c_str(), 0700) != 0 && errno != EEXIST) return failure(errno);
  // A link and no rename: until the database says that the file is whole, the upload stays one.
  if (::linkat(pending_, from.c_str(), kept_, to.c_str(), 0) != 0 && errno != EEXIST) return failure(errno);
  const Descriptor directory(
      ::openat(kept_, to.substr(0, 2).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.is_open() || ::fsync(directory.value()) != 0 || ::fsync(kept_) != 0) return failure(errno);
  return {};
}

Result<void> ContentFolder::discard(core::FileId file) {
  if (::unlinkat(pending_, name_of(file).c_str(), 0) != 0 && errno != ENOENT) return failure(errno);
  return {};
}

Result<void> ContentFolder::remove(const Digest& digest) {
  if (::unlinkat(kept_, name_of(digest).c_str(), 0) != 0 && errno != ENOENT) return failure(errno);
  return {};
}

Result<std::string> ContentFolder::read(const Digest& digest, std::uint64_t offset,
                                        std::size_t length) const {
  const auto damaged = [] {
    return fail(ErrorKind::internal, "file-damaged", "A file on disk is missing or too short.");
  };
  const Descriptor file(::openat(kept_, name_of(digest).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return damaged();
    return failure(errno);
  }
  std::string bytes(length, '\0');
  const ssize_t got =
      disk::read_all(file, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}, offset);
  if (got < 0) return failure(errno);
  if (static_cast<std::size_t>(got) != length) return damaged();
  return bytes;
}

Result<std::uint64_t> ContentFolder::free_space() const {
  struct statvfs info{};
  if (::fstatvfs(pending_, &info) != 0) return failure(errno);
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

Result<std::vector<core::FileId>> ContentFolder::uploads_before(core::Time then) const {
  const auto names = names_before(folder_ / "pending", then);
  if (!names) return std::unexpected(names.error());
  std::vector<core::FileId> uploads;
  for (const std::string& name : *names) {
    const auto bytes = from_hex(name);
    if (const auto id = bytes ? core::FileId::from_bytes(*bytes) : std::nullopt) uploads.push_back(*id);
  }
  return uploads;
}

Result<std::vector<Digest>> ContentFolder::contents_before(core::Time then) const {
  const auto directories = names_before(folder_ / "kept", {std::numeric_limits<std::int64_t>::max()});
  if (!directories) return std::unexpected(directories.error());
  std::vector<Digest> contents;
  for (const std::string& directory : *directories) {
    const auto names = names_before(folder_ / "kept" / directory, then);
    if (!names) return std::unexpected(names.error());
    for (const std::string& name : *names) {
      const auto bytes = from_hex(directory + name);
      if (!bytes || bytes->size() != 32) continue;
      std::ranges::copy(*bytes, contents.emplace_back().begin());
    }
  }
  return contents;
}

}  // namespace wardline::files
