#include "client/attachments/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace wardline::client {

std::optional<NamelessFile> NamelessFile::create(const std::filesystem::path& directory) {
  const int file = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return std::nullopt;
  return NamelessFile(file);
}

NamelessFile::~NamelessFile() {
  if (file_ >= 0) ::close(file_);
}

bool NamelessFile::append(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::optional<std::string> NamelessFile::read(std::uint64_t offset, std::size_t length) const {
  std::string bytes(length, '\0');
  std::size_t have = 0;
  while (have < length) {
    const ssize_t got = ::pread(file_, bytes.data() + have, length - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

bool NamelessFile::name(const std::filesystem::path& path, bool& taken) {
  taken = false;
  if (::fsync(file_) != 0) return false;
  // Without privileges a file gets its first name through /proc (open(2), O_TMPFILE).
  const std::string self = "/proc/self/fd/" + std::to_string(file_);
  if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
  taken = errno == EEXIST;
  return false;
}

}  // namespace wardline::client
