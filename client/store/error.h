// Why a device's state on disk cannot be used.
#pragma once

#include <cstdint>
#include <expected>

namespace wardline::client {

enum class StoreError : std::uint8_t {
  in_use,         ///< another process has it open
  absent,         ///< nothing is there
  does_not_open,  ///< another key, or bytes that were changed
  newer_version,  ///< written by a newer version of this program
  too_open,       ///< others than its owner may read it
  disk,           ///< the disk refuses: full, read-only, broken
};

template <class T>
using StoreResult = std::expected<T, StoreError>;

}  // namespace wardline::client
