#include "server/app/write_file.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "lib/disk/durable_file.h"

namespace wardline::app {

core::Result<void> write_file(const std::filesystem::path& path, ByteView content, mode_t mode) {
  if (disk::write_new(path, content, mode)) return {};
  return core::fail(core::ErrorKind::unavailable, "cannot-write",
                    fmt::format("Cannot write {}: {}.", path.string(), std::strerror(errno)));
}

}  // namespace wardline::app
