// A file that is being written and has no name yet, so that nothing is left of it unless it is finished.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "lib/bytes/bytes.h"
#include "lib/disk/durable_file.h"

namespace wardline::client {

class NamelessFile {
 public:
  /// In that directory, readable by its owner only. Nothing if it cannot be made.
  static std::optional<NamelessFile> create(const std::filesystem::path& directory);

  bool append(ByteView bytes);
  /// Up to `length` bytes from `offset`; fewer at the end. Nothing if it cannot be read.
  std::optional<std::string> read(std::uint64_t offset, std::size_t length) const;
  /// Makes it durable under this name. False if the name is taken (`taken`) or it cannot be done.
  bool name(const std::filesystem::path& path, bool& taken);

 private:
  explicit NamelessFile(disk::Descriptor file) : file_(std::move(file)) {}
  disk::Descriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace wardline::client
