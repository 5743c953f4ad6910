// Where seeds go: DIRECTORY/TARGET/seed-N.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>

#include "lib/bytes/bytes.h"

namespace wardline::fuzz {

class Seeds {
 public:
  explicit Seeds(std::filesystem::path directory) : directory_(std::move(directory)) {}

  void add(const std::string& target, ByteView seed) {
    std::filesystem::create_directories(directory_ / target);
    const std::string name = "seed-" + std::to_string(count_[target]++);
    std::ofstream(directory_ / target / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
  }
  void add(const std::string& target, std::string_view seed) { add(target, as_bytes(seed)); }
  void add(const std::string& target, std::uint8_t form, ByteView seed) {
    add(target, concat(Bytes{form}, seed));
  }

 private:
  std::filesystem::path directory_;
  std::map<std::string, int> count_;
};

/// Bytes behind their length, as `Input::bytes` reads them.
inline Bytes with_size(ByteView bytes) {
  return concat(Bytes{static_cast<std::uint8_t>(bytes.size() >> 8), static_cast<std::uint8_t>(bytes.size())},
                bytes);
}

}  // namespace wardline::fuzz
