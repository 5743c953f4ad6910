// The secret tree (RFC 9420 §9): one key and nonce per message, each gone for good once it has been used.
//
// Reading is done in two steps. `find` derives the key of a generation without changing anything, so that a
// message that turns out to be forged costs its sender nothing and us a bounded amount of work; `consume`
// then advances the ratchet and deletes the key. Writing has one step: `next`.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <vector>

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/suite.h"
#include "lib/mls/public/types.h"

namespace wardline::mls {

/// How far apart messages of one sender may be, and how much is kept for those that are late.
struct RatchetLimits {
  std::uint32_t largest_skip = 10'000;  ///< generations that one message may skip: each costs one derivation
  std::uint32_t kept_keys =
      512;  ///< keys of skipped generations that are kept per ratchet; the oldest go first
  WARDLINE_TLS_FIELDS(largest_skip, kept_keys)
};

/// RFC 9420 §9.1: every leaf has one ratchet for handshake messages and one for application messages.
enum class RatchetKind : std::uint8_t { handshake, application };

enum class RatchetError {
  generation_used,       ///< The key was used and deleted, or skipped and too old to be kept.
  generation_too_far,    ///< More is skipped than `RatchetLimits` allows.
  generation_exhausted,  ///< All 2^32 generations of the ratchet have been used.
  no_such_leaf,          ///< The leaf lies outside the tree.
};

/// The key of one message.
struct MessageKey {
  std::uint32_t generation = 0;
  SecretBytes key;
  SecretBytes nonce;
  WARDLINE_TLS_FIELDS(generation, key, nonce)
};

class SecretTree {
 public:
  /// Takes the epoch's encryption secret over. `leaf_count` is the number of leaves of the full tree, a power
  /// of two.
  SecretTree(const Suite& suite, SecretBytes encryption_secret, std::uint32_t leaf_count);

  /// A key that has been found but not consumed. Drop it, and nothing has happened.
  class Found {
   public:
    const SecretBytes& key() const { return key_.key; }
    const SecretBytes& nonce() const { return key_.nonce; }

   private:
    friend class SecretTree;
    LeafIndex leaf_;
    RatchetKind kind_ = RatchetKind::application;
    MessageKey key_;
    SecretBytes next_secret_;          // Empty if the key is one that was kept.
    std::vector<MessageKey> skipped_;  // To keep once the message has proven genuine.
  };

  /// The key for the next message that `leaf` (this member) writes; it is not kept.
  std::expected<MessageKey, RatchetError> next(LeafIndex leaf, RatchetKind kind);

  /// The key for a message that claims to be `generation` of `leaf`.
  std::expected<Found, RatchetError> find(LeafIndex leaf, RatchetKind kind, std::uint32_t generation,
                                          const RatchetLimits& limits);
  /// Deletes the key that was found and advances the ratchet past it.
  void consume(Found&& found, const RatchetLimits& limits);

  /// What lives in memory right now, for tests of forward secrecy.
  std::size_t live_nodes() const { return nodes_.size(); }
  std::size_t kept_keys(LeafIndex leaf, RatchetKind kind) const;

  /// For sealed storage only.
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
  /// Empty; to be filled by `tls_read`.
  explicit SecretTree(const Suite& suite) : suite_(&suite) {}

 private:
  struct Ratchet {
    SecretBytes secret;  // Empty once the last generation has been used.
    std::uint32_t generation = 0;
    std::vector<MessageKey> kept;  // By generation, ascending.
    WARDLINE_TLS_FIELDS(secret, generation, kept)
  };
  struct Leaf {
    Ratchet handshake;
    Ratchet application;
    Ratchet& of(RatchetKind kind) { return kind == RatchetKind::handshake ? handshake : application; }
    WARDLINE_TLS_FIELDS(handshake, application)
  };

  Leaf* open_leaf(LeafIndex leaf);
  SecretBytes take_leaf_secret(LeafIndex leaf);
  MessageKey key_at(ByteView secret, std::uint32_t generation) const;
  SecretBytes secret_after(ByteView secret, std::uint32_t generation) const;

  const Suite* suite_;
  std::uint32_t leaf_count_ = 1;
  std::map<NodeIndex, SecretBytes> nodes_;  // Only those from which something can still be derived.
  std::map<LeafIndex, Leaf> leaves_;        // Only those whose ratchets have been started.
};

}  // namespace wardline::mls
