// Writes a small new file of the data directory.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "lib/bytes/bytes.h"
#include "server/core/error.h"

namespace wardline::app {

/// Durable when it returns, with exactly that mode. Error "cannot-write": it exists already, or the disk says
/// no.
core::Result<void> write_file(const std::filesystem::path& path, ByteView content, mode_t mode);

}  // namespace wardline::app
