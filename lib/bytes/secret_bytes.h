// Byte strings that hold keys: they wipe themselves, cannot be logged, and cannot be copied or compared by
// accident.
#pragma once

#include "lib/bytes/bytes.h"

namespace wardline {

/// Overwrites `memory` in a way that the optimiser may not remove.
void wipe(std::span<std::uint8_t> memory);

/// True if both hold the same bytes. Takes time that depends on the lengths only.
bool constant_time_equal(ByteView a, ByteView b);

/// Owns secret bytes and wipes them when it is destroyed, assigned over or moved from. Copying is spelled
/// `copy()`.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  explicit SecretBytes(ByteView view) : bytes_(view.begin(), view.end()) {}
  /// Takes the buffer over: nothing is copied, and it is wiped in the end.
  explicit SecretBytes(Bytes&& bytes) : bytes_(std::move(bytes)) {}

  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::move(other.bytes_);
      other.bytes_.clear();
    }
    return *this;
  }
  ~SecretBytes() { wipe(bytes_); }

  SecretBytes copy() const { return SecretBytes(view()); }
  ByteView view() const { return bytes_; }
  std::span<std::uint8_t> writable() { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  /// Wipes the content and leaves an empty value.
  void clear() {
    wipe(bytes_);
    bytes_.clear();
  }

 private:
  Bytes bytes_;
};

}  // namespace wardline
