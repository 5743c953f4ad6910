#include "lib/disk/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace wardline::disk {

Descriptor::~Descriptor() {
  const int reason = errno;  // Who failed before this looks at it after this.
  if (value_ >= 0) ::close(value_);
  errno = reason;
}

bool write_all(const Descriptor& file, ByteView bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file.value(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return true;
}

ssize_t read_all(const Descriptor& file, std::span<std::uint8_t> bytes, std::uint64_t offset) {
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got =
        ::pread(file.value(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(have);
}

bool sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.is_open() && ::fsync(opened.value()) == 0;
}

bool write_new(const std::filesystem::path& path, ByteView bytes, mode_t mode) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.is_open()) return false;
  if (::fchmod(file.value(), mode) == 0 && write_all(file, bytes) && ::fsync(file.value()) == 0 &&
      sync_folder(path.parent_path()))
    return true;
  const int reason = errno;
  ::unlink(path.c_str());
  errno = reason;
  return false;
}

}  // namespace wardline::disk
