// The directory that holds everything of a node; one process at a time owns it.
#pragma once

#include <array>
#include <filesystem>
#include <utility>

#include "server/core/error.h"

namespace wardline::storage {

class DataDirectory {
 public:
  /// Makes the directory (mode 0700) if it is absent, and locks it until the process ends or this object
  /// goes. Errors: "data-directory-in-use", "data-directory-unusable" (cannot be made or written, or others
  /// may read it).
  static core::Result<DataDirectory> open(const std::filesystem::path& path);

  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept
      : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)), place_(other.place_) {}
  DataDirectory& operator=(DataDirectory&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Names this directory on this machine since the machine was started: the same for whoever opens it next,
  /// another for a copy of it. One process at a time has it open, so that whoever had the name before is
  /// gone.
  const std::array<std::uint8_t, 16>& place() const { return place_; }
  std::filesystem::path database_file() const { return path_ / "wardline.db"; }
  std::filesystem::path key_file() const { return path_ / "keys" / "kms.key"; }

 private:
  DataDirectory(std::filesystem::path path, int lock);
  std::filesystem::path path_;
  int lock_;
  std::array<std::uint8_t, 16> place_;
};

}  // namespace wardline::storage
