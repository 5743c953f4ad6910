// An array whose copies share what they have in common: copying costs one pointer per block, writing copies
// one block. Blocks are small enough for the allocator's fast path (1 KiB in glibc).
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace wardline::mls {

template <class T, std::size_t kBlock = 8>
class SharedArray {
 public:
  std::size_t size() const { return size_; }

  const T& operator[](std::size_t index) const { return (*blocks_[index / kBlock])[index % kBlock]; }

  /// Calls `visit(index, item)` for each item, faster than asking for one after the other.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t start = 0; start < size_; start += kBlock) {
      const Block& block = *blocks_[start / kBlock];
      const std::size_t count = std::min(kBlock, size_ - start);
      for (std::size_t i = 0; i < count; ++i) visit(start + i, block[i]);
    }
  }

  /// The item for writing; its block is copied first if another array shares it.
  T& writable(std::size_t index) {
    auto& block = blocks_[index / kBlock];
    if (block.use_count() != 1) {
      block = std::make_shared<Block>(*block);
    } else {
      // The count alone does not order us after the reads of a thread that held the block until now; giving
      // up a second hold does.
      const auto hold = block;
    }
    return (*block)[index % kBlock];
  }

  /// New items are default ones. Items that are cut off do not come back.
  void resize(std::size_t size) {
    for (std::size_t index = size; index < size_ && index < blocks_in(size) * kBlock; ++index)
      writable(index) = T();
    blocks_.resize(blocks_in(size));
    for (auto& block : blocks_) {
      if (!block) block = std::make_shared<Block>();
    }
    size_ = size;
  }

 private:
  using Block = std::array<T, kBlock>;
  static std::size_t blocks_in(std::size_t size) { return (size + kBlock - 1) / kBlock; }

  std::vector<std::shared_ptr<Block>> blocks_;  // Shared: that is what makes copies cheap.
  std::size_t size_ = 0;
};

}  // namespace wardline::mls
