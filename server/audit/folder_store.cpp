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

const std::string kNext = std::string(auditlog::kStagingFolder) + "/next";

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

enum class Flush : std::uint8_t { now, later };

core::Result<void> write_file(const fs::path& path, ByteView bytes, Flush flush) {
  const disk::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open() || !disk::write_all(file, bytes)) return failure(errno);
  if (flush == Flush::now) return ::fsync(file.value()) == 0 ? core::Result<void>() : failure(errno);
  // The disk begins at once: when it is asked to flush, there is little left to wait for.
  ::sync_file_range(file.value(), 0, 0, SYNC_FILE_RANGE_WRITE);
  return {};
}

bool flush_file(const fs::path& path) {
  const disk::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.is_open() && ::fsync(file.value()) == 0;
}

core::Result<void> rename_file(const fs::path& from, const fs::path& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 ? core::Result<void>() : failure(errno);
}

core::Result<void> flush_folder(const fs::path& folder) {
  return disk::sync_folder(folder) ? core::Result<void>() : failure(errno);
}

// Several at a time: the disk then flushes once for all who wait. One after the other, each file of a busy
// second would have a flush to itself, and the commits of messages would wait for their turn in between.
// Returns what failed, as errno; 0 for nothing.
int flush_staged(const fs::path& folder, const std::vector<std::string>& paths) {
  constexpr std::size_t kAtOnce = 16;
  std::atomic<std::size_t> next = 0;
  std::atomic<int> failed = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < paths.size(); i = next++) {
      if (!flush_file(folder / auditlog::staged_path(paths[i]))) failed = errno;
    }
  };
  // Where the system gives no more threads, those that there are do it all.
  std::vector<std::jthread> helpers;
  try {
    while (helpers.size() + 1 < std::min(kAtOnce, paths.size())) helpers.emplace_back(work);
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
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

core::Result<void> FolderStore::put(const std::string& path, ByteView bytes) {
  if (auto written = write_file(folder_ / auditlog::staged_path(path), bytes, Flush::later); !written)
    return written;
  put_.insert(path);
  return {};
}

// Not syncfs(): that writes out all of the database too, and whatever else the disk is owed, while every
// commit of a message waits behind it.
core::Result<void> FolderStore::stage_checkpoint(ByteView checkpoint) {
  const fs::path staging = folder_ / auditlog::kStagingFolder;
  if (const int failed = flush_staged(folder_, {put_.begin(), put_.end()}); failed != 0)
    return failure(failed);
  if (auto written = write_file(folder_ / kNext, checkpoint, Flush::now); !written) return written;
  if (auto flushed = flush_folder(staging); !flushed) return flushed;
  if (auto named = rename_file(folder_ / kNext, folder_ / auditlog::staged_path(auditlog::kCheckpointFile));
      !named)
    return named;
  put_.clear();
  return flush_folder(staging);
}

core::Result<void> FolderStore::place(const std::string& path) {
  const fs::path staged = folder_ / auditlog::staged_path(path);
  placed_.insert(path);
  if (::access(staged.c_str(), F_OK) != 0) return errno == ENOENT ? core::Result<void>() : failure(errno);
  std::error_code error;
  fs::create_directories((folder_ / path).parent_path(), error);
  if (error) return failure(error.value());
  return rename_file(staged, folder_ / path);
}

core::Result<void> FolderStore::place_checkpoint() {
  std::set<fs::path> folders{folder_};
  for (const std::string& path : placed_) {
    for (fs::path at = fs::path(path).parent_path(); !at.empty(); at = at.parent_path()) {
      folders.insert(folder_ / at);
    }
  }
  for (const fs::path& folder : folders) {
    if (auto flushed = flush_folder(folder); !flushed) return flushed;
  }
  const std::string checkpoint(auditlog::kCheckpointFile);
  if (auto moved = rename_file(folder_ / auditlog::staged_path(checkpoint), folder_ / checkpoint); !moved)
    return moved;
  placed_.clear();
  return flush_folder(folder_);
}

core::Result<void> FolderStore::clear_staging() {
  std::error_code error;
  fs::remove_all(folder_ / auditlog::kStagingFolder, error);
  fs::create_directory(folder_ / auditlog::kStagingFolder, error);
  if (error) return failure(error.value());
  put_.clear();
  placed_.clear();
  return {};
}

core::Result<void> FolderStore::replace(const std::string& path, ByteView bytes) {
  if (auto written = write_file(folder_ / kNext, bytes, Flush::now); !written) return written;
  if (auto moved = rename_file(folder_ / kNext, folder_ / path); !moved) return moved;
  return flush_folder((folder_ / path).parent_path());
}

void FolderStore::remove_partials(const merkle::Tile& full) {
  std::error_code ignored;
  fs::remove_all(folder_ / (merkle::tile_path(full) + ".p"), ignored);
}

}  // namespace wardline::audit
