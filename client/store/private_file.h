// Small files that only their owner may read, replaced whole: after a crash the old or the new one is there.
#pragma once

#include <filesystem>

#include "client/store/error.h"
#include "lib/bytes/secret_bytes.h"

namespace wardline::client {

/// `absent` if there is none; `too_open` if others may read it.
StoreResult<SecretBytes> read_private_file(const std::filesystem::path& file);
StoreResult<void> replace_private_file(const std::filesystem::path& file, ByteView content);

}  // namespace wardline::client
