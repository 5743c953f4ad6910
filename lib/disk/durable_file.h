// Writing and reading files so that what was written survives a loss of power. What the disk refuses is left
// in `errno`: each caller says in its own words what that means for what it keeps.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <utility>

#include "lib/bytes/bytes.h"

namespace wardline::disk {

/// An open file or directory, closed with this object.
class Descriptor {
 public:
  /// What open(2) gave: -1 where that failed.
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int value() const { return value_; }
  bool is_open() const { return value_ >= 0; }

 private:
  int value_;
};

/// Writes all of it at `offset`, however many calls that takes. False if the disk refuses: then some of it
/// may be there.
bool write_all(const Descriptor& file, ByteView bytes, std::uint64_t offset = 0);

/// Reads from `offset` on until `bytes` is full or the file ends; how many bytes came, or -1 if the disk
/// refuses.
ssize_t read_all(const Descriptor& file, std::span<std::uint8_t> bytes, std::uint64_t offset = 0);

/// Makes names safe that were given and taken in the folder: of new, renamed and removed files.
bool sync_folder(const std::filesystem::path& folder);

/// Writes a file that must not exist yet, with exactly that mode; whole and safe when it returns true, and
/// not there when the disk refuses.
bool write_new(const std::filesystem::path& path, ByteView bytes, mode_t mode);

}  // namespace wardline::disk
