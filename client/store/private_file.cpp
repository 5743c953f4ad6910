#include "client/store/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace wardline::client {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;

class Handle {
 public:
  explicit Handle(int handle) : handle_(handle) {}
  ~Handle() {
    if (handle_ >= 0) ::close(handle_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  int get() const { return handle_; }
  bool is_open() const { return handle_ >= 0; }

 private:
  int handle_;
};

bool write_all(int handle, ByteView content) {
  while (!content.empty()) {
    const auto written = ::write(handle, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return ::fsync(handle) == 0;
}

}  // namespace

StoreResult<SecretBytes> read_private_file(const std::filesystem::path& file) {
  const Handle handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!handle.is_open()) return std::unexpected(errno == ENOENT ? StoreError::absent : StoreError::disk);
  struct stat about{};
  if (::fstat(handle.get(), &about) != 0) return std::unexpected(StoreError::disk);
  if ((about.st_mode & 0077) != 0) return std::unexpected(StoreError::too_open);
  if (about.st_size < 0 || static_cast<std::size_t>(about.st_size) > kMostBytes)
    return std::unexpected(StoreError::does_not_open);
  SecretBytes content(static_cast<std::size_t>(about.st_size));
  std::size_t read = 0;
  while (read < content.size()) {
    const auto more = ::read(handle.get(), content.writable().data() + read, content.size() - read);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) return std::unexpected(StoreError::disk);
    read += static_cast<std::size_t>(more);
  }
  return content;
}

StoreResult<void> replace_private_file(const std::filesystem::path& file, ByteView content) {
  const std::filesystem::path fresh = file.string() + ".new";
  {
    const Handle handle(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!handle.is_open() || ::fchmod(handle.get(), 0600) != 0 || !write_all(handle.get(), content))
      return std::unexpected(StoreError::disk);
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) return std::unexpected(StoreError::disk);
  const Handle folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::fsync(folder.get()) != 0) return std::unexpected(StoreError::disk);
  return {};
}

}  // namespace wardline::client
