#include "server/app/write_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include <fmt/format.h>

namespace wardline::app {

core::Result<void> write_file(const std::filesystem::path& path, ByteView content, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  const bool written =
      file >= 0 && ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (written) return {};
  return core::fail(core::ErrorKind::unavailable, "cannot-write",
                    fmt::format("Cannot write {}: {}.", path.string(), std::strerror(error)));
}

}  // namespace wardline::app
