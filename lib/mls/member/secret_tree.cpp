#include "lib/mls/member/secret_tree.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "lib/mls/member/labels.h"
#include "lib/mls/public/tree_math.h"

namespace wardline::mls {
namespace {

constexpr std::uint32_t kLastGeneration = std::numeric_limits<std::uint32_t>::max();

auto kept_position(std::vector<MessageKey>& kept, std::uint32_t generation) {
  return std::ranges::lower_bound(kept, generation, {}, &MessageKey::generation);
}

}  // namespace

SecretTree::SecretTree(const Suite& suite, SecretBytes encryption_secret, std::uint32_t leaf_count)
    : suite_(&suite), leaf_count_(std::bit_ceil(std::max(leaf_count, 1u))) {
  nodes_.emplace(root_of(leaf_count_), std::move(encryption_secret));
}

// RFC 9420 §9: the children of a node come from its secret, and §9.2: the secret is deleted as soon as both
// are there.
SecretBytes SecretTree::take_leaf_secret(LeafIndex leaf) {
  const NodeIndex target = node_of(leaf);
  NodeIndex node = root_of(leaf_count_);
  // Down from the root to the lowest ancestor that is still there.
  while (!nodes_.contains(node)) {
    if (node == target) return {};
    node = target < node ? left_of(node) : right_of(node);
  }
  SecretBytes secret = std::move(nodes_.extract(node).mapped());
  while (node != target) {
    SecretBytes left = expand_with_label(*suite_, secret.view(), "tree", as_bytes("left"), suite_->hash_size);
    SecretBytes right =
        expand_with_label(*suite_, secret.view(), "tree", as_bytes("right"), suite_->hash_size);
    const bool go_left = target < node;
    nodes_.emplace(go_left ? right_of(node) : left_of(node), std::move(go_left ? right : left));
    secret = std::move(go_left ? left : right);
    node = go_left ? left_of(node) : right_of(node);
  }
  return secret;
}

SecretTree::Leaf* SecretTree::open_leaf(LeafIndex leaf) {
  if (leaf.value >= leaf_count_) return nullptr;
  const auto known = leaves_.find(leaf);
  if (known != leaves_.end()) return &known->second;
  const SecretBytes secret = take_leaf_secret(leaf);
  Leaf& opened = leaves_[leaf];
  opened.handshake.secret = expand_with_label(*suite_, secret.view(), "handshake", {}, suite_->hash_size);
  opened.application.secret = expand_with_label(*suite_, secret.view(), "application", {}, suite_->hash_size);
  return &opened;
}

MessageKey SecretTree::key_at(ByteView secret, std::uint32_t generation) const {
  return {generation, derive_tree_secret(*suite_, secret, "key", generation, suite_->key_size),
          derive_tree_secret(*suite_, secret, "nonce", generation, suite_->nonce_size)};
}

SecretBytes SecretTree::secret_after(ByteView secret, std::uint32_t generation) const {
  // The generation is a uint32: the last one has no successor, and the ratchet ends with it.
  if (generation == kLastGeneration) return {};
  return derive_tree_secret(*suite_, secret, "secret", generation, suite_->hash_size);
}

std::expected<MessageKey, RatchetError> SecretTree::next(LeafIndex leaf, RatchetKind kind) {
  Leaf* opened = open_leaf(leaf);
  if (!opened) return std::unexpected(RatchetError::no_such_leaf);
  Ratchet& ratchet = opened->of(kind);
  if (ratchet.secret.empty()) return std::unexpected(RatchetError::generation_exhausted);
  MessageKey key = key_at(ratchet.secret.view(), ratchet.generation);
  ratchet.secret = secret_after(ratchet.secret.view(), ratchet.generation);
  ++ratchet.generation;
  return key;
}

std::expected<SecretTree::Found, RatchetError> SecretTree::find(LeafIndex leaf, RatchetKind kind,
                                                                std::uint32_t generation,
                                                                const RatchetLimits& limits) {
  Leaf* opened = open_leaf(leaf);
  if (!opened) return std::unexpected(RatchetError::no_such_leaf);
  Ratchet& ratchet = opened->of(kind);
  Found found;
  found.leaf_ = leaf;
  found.kind_ = kind;
  if (ratchet.secret.empty() || generation < ratchet.generation) {
    const auto kept = kept_position(ratchet.kept, generation);
    if (kept == ratchet.kept.end() || kept->generation != generation) {
      return std::unexpected(RatchetError::generation_used);
    }
    found.key_ = {generation, kept->key.copy(), kept->nonce.copy()};
    return found;
  }
  // RFC 9420 §9.1: a message must not be able to force an unbounded number of derivations.
  if (generation - ratchet.generation > limits.largest_skip)
    return std::unexpected(RatchetError::generation_too_far);
  SecretBytes secret = ratchet.secret.copy();
  for (std::uint32_t at = ratchet.generation; at != generation; ++at) {
    if (generation - at <= limits.kept_keys) found.skipped_.push_back(key_at(secret.view(), at));
    secret = secret_after(secret.view(), at);
  }
  found.key_ = key_at(secret.view(), generation);
  found.next_secret_ = secret_after(secret.view(), generation);
  return found;
}

void SecretTree::consume(Found&& found, const RatchetLimits& limits) {
  Leaf* opened = open_leaf(found.leaf_);
  if (!opened) return;
  Ratchet& ratchet = opened->of(found.kind_);
  const std::uint32_t generation = found.key_.generation;
  if (ratchet.secret.empty() || generation < ratchet.generation) {
    const auto kept = kept_position(ratchet.kept, generation);
    if (kept != ratchet.kept.end() && kept->generation == generation) ratchet.kept.erase(kept);
    return;
  }
  for (MessageKey& skipped : found.skipped_) ratchet.kept.push_back(std::move(skipped));
  if (ratchet.kept.size() > limits.kept_keys) {
    ratchet.kept.erase(ratchet.kept.begin(), ratchet.kept.end() - limits.kept_keys);
  }
  ratchet.secret = std::move(found.next_secret_);
  ratchet.generation = generation + 1;
}

std::size_t SecretTree::kept_keys(LeafIndex leaf, RatchetKind kind) const {
  const auto known = leaves_.find(leaf);
  if (known == leaves_.end()) return 0;
  return (kind == RatchetKind::handshake ? known->second.handshake : known->second.application).kept.size();
}

void SecretTree::tls_write(tls::Writer& out) const {
  tls::write(out, leaf_count_);
  out.vector([&](tls::Writer& inner) {
    for (const auto& [node, secret] : nodes_) {
      tls::write(inner, node.value);
      tls::write(inner, secret);
    }
  });
  out.vector([&](tls::Writer& inner) {
    for (const auto& [index, leaf] : leaves_) {
      tls::write(inner, index);
      tls::write(inner, leaf);
    }
  });
}

void SecretTree::tls_read(tls::Reader& in) {
  tls::read(in, leaf_count_);
  if (!std::has_single_bit(leaf_count_)) return in.fail(tls::Error::invalid_value);
  in.vector([&](tls::Reader& inner) {
    NodeIndex node;
    tls::read(inner, node.value);
    tls::read(inner, nodes_[node]);
  });
  in.vector([&](tls::Reader& inner) {
    LeafIndex leaf;
    tls::read(inner, leaf);
    tls::read(inner, leaves_[leaf]);
  });
}

}  // namespace wardline::mls
