#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include "lib/disk/durable_file.h"
#include "server/audit/log_store.h"

namespace wardline::audit {
namespace {

namespace fs = std::filesystem;
using auditlog::ReadError;

const std::string kStaged = std::string(auditlog::kStagingFolder) + "/next";

std::unexpected<core::Error> failure(int error) {
  if (error == ENOSPC || error == EDQUOT) {
    return core::fail(core::ErrorKind::storage_full, "storage-full",
                      "No space is left for the log. Make room; entries wait in the database until then.");
  }
  return core::fail(
      core::ErrorKind::unavailable, "audit-folder-unusable",
      "The folder of the log cannot be read or written. Check its owner, its rights and the disk.",
      {{"errno", error}});
}

// One that is gone was a narrow tile, which a full one has replaced.
bool sync_file(const fs::path& path) {
  const disk::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.is_open() ? ::fsync(file.value()) == 0 : errno == ENOENT;
}

// Several at a time: the disk then flushes once for all who wait. One after the other, each file of a busy
// second would have a flush to itself, and the commits of messages would wait for their turn in between.
// Returns what failed, as errno; 0 for nothing.
int sync_files(const fs::path& folder, const std::vector<std::string>& paths) {
  constexpr std::size_t kAtOnce = 16;
  std::atomic<std::size_t> next = 0;
  std::atomic<int> failed = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < paths.size(); i = next++) {
      if (!sync_file(folder / paths[i])) failed = errno;
    }
  };
  std::vector<std::jthread> helpers;
  try {
    while (helpers.size() + 1 < std::min(kAtOnce, paths.size())) helpers.emplace_back(work);
  } catch (const std::system_error&) {  // No more threads for now: those there are do the rest.
  }
  work();
  helpers.clear();  // Waits for them.
  return failed;
}

}  // namespace

core::Result<std::unique_ptr<FolderStore>> FolderStore::open(fs::path folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || ::chmod(folder.c_str(), 0700) != 0) return failure(error ? error.value() : errno);
  fs::remove_all(folder / auditlog::kStagingFolder, error);
  fs::create_directory(folder / auditlog::kStagingFolder, error);
  if (error) return failure(error.value());
  return std::unique_ptr<FolderStore>(new FolderStore(std::move(folder)));
}

std::expected<Bytes, ReadError> FolderStore::read(const std::string& path) {
  const disk::Descriptor file(::open((folder_ / path).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open())
    return std::unexpected(errno == ENOENT || errno == ENOTDIR ? ReadError::absent : ReadError::unreadable);
  struct stat info{};
  if (::fstat(file.value(), &info) != 0 || !S_ISREG(info.st_mode))
    return std::unexpected(ReadError::unreadable);
  Bytes bytes(static_cast<std::size_t>(info.st_size));
  if (disk::read_all(file, bytes) != info.st_size) return std::unexpected(ReadError::unreadable);
  return bytes;
}

std::expected<std::vector<std::string>, ReadError> FolderStore::list() {
  std::vector<std::string> paths;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(folder_, error); !error && at != fs::end(at);
       at.increment(error)) {
    const std::string path = fs::relative(at->path(), folder_).string();
    if (path == auditlog::kStagingFolder) {
      at.disable_recursion_pending();
    } else if (!at->is_directory()) {
      paths.push_back(path);
    }
  }
  if (error) return std::unexpected(ReadError::unreadable);
  return paths;
}

core::Result<void> FolderStore::stage(ByteView bytes, bool durable) {
  const disk::Descriptor file(
      ::open((folder_ / kStaged).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open() || !disk::write_all(file, bytes)) return failure(errno);
  if (durable) return ::fsync(file.value()) == 0 ? core::Result<void>() : failure(errno);
  // The disk begins at once: when sync() asks, there is little left to wait for.
  ::sync_file_range(file.value(), 0, 0, SYNC_FILE_RANGE_WRITE);
  return {};
}

core::Result<void> FolderStore::move_from_staging(const std::string& path) {
  const fs::path target = folder_ / path;
  if (::rename((folder_ / kStaged).c_str(), target.c_str()) == 0) return {};
  if (errno != ENOENT) return failure(errno);
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) return failure(error.value());
  if (::rename((folder_ / kStaged).c_str(), target.c_str()) != 0) return failure(errno);
  return {};
}

core::Result<void> FolderStore::put(const std::string& path, ByteView bytes) {
  if (auto staged = stage(bytes, false); !staged) return staged;
  if (auto moved = move_from_staging(path); !moved) return moved;
  unsafe_.insert(path);
  return {};
}

// Not syncfs(): that writes out all of the database too, and whatever else the disk is owed, while every
// commit of a message waits behind it.
core::Result<void> FolderStore::sync() {
  std::set<fs::path> folders{folder_};
  if (const int failed = sync_files(folder_, {unsafe_.begin(), unsafe_.end()}); failed != 0)
    return failure(failed);
  for (const std::string& path : unsafe_) {
    for (fs::path at = fs::path(path).parent_path(); !at.empty(); at = at.parent_path()) {
      folders.insert(folder_ / at);
    }
  }
  for (const fs::path& folder : folders) {
    if (!disk::sync_folder(folder) && errno != ENOENT) return failure(errno);
  }
  unsafe_.clear();
  return {};
}

core::Result<void> FolderStore::replace(const std::string& path, ByteView bytes) {
  if (auto staged = stage(bytes, true); !staged) return staged;
  if (auto moved = move_from_staging(path); !moved) return moved;
  if (!disk::sync_folder((folder_ / path).parent_path())) return failure(errno);
  return {};
}

void FolderStore::remove_partials(const merkle::Tile& full) {
  std::error_code ignored;
  fs::remove_all(folder_ / (merkle::tile_path(full) + ".p"), ignored);
}

}  // namespace wardline::audit
