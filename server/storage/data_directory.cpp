#include "server/storage/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "lib/crypto/hash.h"
#include "server/core/id.h"

namespace wardline::storage {
namespace {

std::unexpected<core::Error> unusable(std::string detail) {
  return core::fail(core::ErrorKind::unavailable, "data-directory-unusable", std::move(detail));
}

/// Of an open file, as DataDirectory::place() wants it. A file that is open keeps its number from others, and
/// the kernel's id of its start tells machines apart that have copies of one disk.
std::array<std::uint8_t, 16> place_of(int file) {
  std::string boot;
  std::ifstream stream("/proc/sys/kernel/random/boot_id");
  struct stat info{};
  // Without a name that lasts, a fresh one: its owner then waits for its predecessor as for anybody else.
  if (!std::getline(stream, boot) || ::fstat(file, &info) != 0) return core::new_uuid_v7();
  const std::string name =
      "wardline place " + boot + ' ' + std::to_string(info.st_dev) + ' ' + std::to_string(info.st_ino);
  std::array<std::uint8_t, 16> place{};
  std::ranges::copy_n(crypto::sha256(as_bytes(name)).begin(), 16, place.begin());
  return place;
}

}  // namespace

DataDirectory::DataDirectory(std::filesystem::path path, int lock)
    : path_(std::move(path)), lock_(lock), place_(place_of(lock)) {}

core::Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return unusable("The data directory cannot be made.");
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return unusable("The data directory is not a directory.");
  if ((info.st_mode & 0077) != 0) {
    return unusable("Others may read the data directory. Take their rights away: chmod 700.");
  }
  const int lock = ::open((path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return unusable("The data directory cannot be written.");
  // flock, not fcntl: it belongs to the open file, so that no other open and close in this process drops it.
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return core::fail(core::ErrorKind::unavailable, "data-directory-in-use",
                      "Another server is running on this data directory. Stop it first.");
  }
  return DataDirectory(path, lock);
}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace wardline::storage
