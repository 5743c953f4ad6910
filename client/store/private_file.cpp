#include "client/store/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "lib/disk/durable_file.h"

namespace wardline::client {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;

}  // namespace

StoreResult<SecretBytes> read_private_file(const std::filesystem::path& file) {
  const disk::Descriptor handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!handle.is_open()) return std::unexpected(errno == ENOENT ? StoreError::absent : StoreError::disk);
  struct stat about{};
  if (::fstat(handle.value(), &about) != 0) return std::unexpected(StoreError::disk);
  if ((about.st_mode & 0077) != 0) return std::unexpected(StoreError::too_open);
  if (about.st_size < 0 || static_cast<std::size_t>(about.st_size) > kMostBytes)
    return std::unexpected(StoreError::does_not_open);
  SecretBytes content(static_cast<std::size_t>(about.st_size));
  if (disk::read_all(handle, content.writable()) != about.st_size) return std::unexpected(StoreError::disk);
  return content;
}

StoreResult<void> replace_private_file(const std::filesystem::path& file, ByteView content) {
  const std::filesystem::path fresh = file.string() + ".new";
  {
    const disk::Descriptor handle(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!handle.is_open() || ::fchmod(handle.value(), 0600) != 0 || !disk::write_all(handle, content) ||
        ::fsync(handle.value()) != 0)
      return std::unexpected(StoreError::disk);
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) return std::unexpected(StoreError::disk);
  if (!disk::sync_folder(file.parent_path())) return std::unexpected(StoreError::disk);
  return {};
}

}  // namespace wardline::client
