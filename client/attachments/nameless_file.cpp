#include "client/attachments/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace wardline::client {

std::optional<NamelessFile> NamelessFile::create(const std::filesystem::path& directory) {
  disk::Descriptor file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file.is_open()) return std::nullopt;
  return NamelessFile(std::move(file));
}

bool NamelessFile::append(ByteView bytes) {
  if (!disk::write_all(file_, bytes, size_)) return false;
  size_ += bytes.size();
  return true;
}

std::optional<std::string> NamelessFile::read(std::uint64_t offset, std::size_t length) const {
  std::string bytes(length, '\0');
  const auto have = disk::read_all(file_, {reinterpret_cast<std::uint8_t*>(bytes.data()), length}, offset);
  if (have < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(have));
  return bytes;
}

bool NamelessFile::name(const std::filesystem::path& path, bool& taken) {
  taken = false;
  if (::fsync(file_.value()) != 0) return false;
  // Without privileges a file gets its first name through /proc (open(2), O_TMPFILE).
  const std::string self = "/proc/self/fd/" + std::to_string(file_.value());
  if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0)
    return disk::sync_folder(path.parent_path());
  taken = errno == EEXIST;
  return false;
}

}  // namespace wardline::client
