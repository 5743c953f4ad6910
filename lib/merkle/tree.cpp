#include "lib/merkle/tree.h"

#include <bit>

#include "lib/crypto/hash.h"

namespace wardline::merkle {
namespace {

// RFC 6962 §2.1: the prefixes keep a leaf from passing for a node.
constexpr std::array<std::uint8_t, 1> kLeafPrefix = {0x00};
constexpr std::array<std::uint8_t, 1> kNodePrefix = {0x01};

Hash sha256(std::initializer_list<ByteView> parts) {
  Hash out{};
  crypto::hash_into(crypto::HashAlgorithm::sha256, parts, out);
  return out;
}

}  // namespace

std::string_view name_of(Error error) {
  switch (error) {
    case Error::out_of_range:
      return "out of range";
    case Error::wrong_proof_size:
      return "wrong proof size";
    case Error::root_mismatch:
      return "root mismatch";
    case Error::malformed:
      return "malformed";
    case Error::unavailable:
      return "unavailable";
    case Error::bad_key:
      return "bad key";
    case Error::unknown_key:
      return "unknown key";
    case Error::bad_signature:
      return "bad signature";
  }
  return "unknown error";
}

Result<Hash> hash_from(ByteView bytes) {
  if (bytes.size() != kHashSize) return std::unexpected(Error::malformed);
  Hash hash{};
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

Hash empty_root() { return sha256({ByteView{}}); }

Hash leaf_hash(ByteView entry) { return sha256({kLeafPrefix, entry}); }

Hash node_hash(const Hash& left, const Hash& right) { return sha256({kNodePrefix, left, right}); }

Result<CompactTree> CompactTree::restore(std::uint64_t size, std::vector<Hash> roots) {
  if (roots.size() != static_cast<std::size_t>(std::popcount(size))) return std::unexpected(Error::malformed);
  CompactTree tree;
  tree.size_ = size;
  tree.roots_ = std::move(roots);
  return tree;
}

void CompactTree::append(const Hash& leaf) {
  roots_.push_back(leaf);
  // Each trailing one of the old size is a subtree that has just found its sibling.
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    const Hash right = roots_.back();
    roots_.pop_back();
    roots_.back() = node_hash(roots_.back(), right);
  }
  ++size_;
}

Hash CompactTree::root() const {
  if (roots_.empty()) return empty_root();
  Hash root = roots_.back();
  for (std::size_t i = roots_.size() - 1; i-- > 0;) root = node_hash(roots_[i], root);
  return root;
}

}  // namespace wardline::merkle
