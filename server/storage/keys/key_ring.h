// The data keys of the database: made on first use, cached while in use, rotated, and destroyed on purpose.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "server/core/clock.h"
#include "server/storage/database.h"
#include "server/storage/keys/data_key.h"
#include "server/storage/keys/kms.h"

namespace wardline::storage {

/// A name fixed at compile time: a purpose of keys, a table, a column.
class Label {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to convert.
  consteval Label(const char* text) : text_(text) {}
  constexpr std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

/// What one data key is for: a purpose, and within it a scope such as a tenant, or a conversation and a week.
/// `shred()` destroys the keys of a scope and with them everything that they sealed.
///
/// Unwrapped keys are kept for `kCacheTime`, on each node. So a rotation elsewhere is noticed within that
/// time; and another node could still seal under, or open with, a key that was shredded in the last minute:
/// shred scopes that nobody writes to any more (an expired week, a closed conversation). Safe for use from
/// many threads.
class KeyRing {
 public:
  static constexpr std::chrono::seconds kCacheTime{60};

  KeyRing(Kms& kms, const core::Clock& clock) : kms_(kms), clock_(clock) {}

  /// At start: opens a data key of each wrapping key in use. Error "wrong-kms-key": the key file or HSM is
  /// not the one that this database was sealed with.
  core::Result<void> verify(Database& database);

  /// The key that seals for this purpose and scope; made in `tx` if there is none.
  std::shared_ptr<DataKey> sealing_key(Transaction& tx, Label purpose, ByteView scope);
  /// The same, without making one: nullptr if there is none, and so nothing sealed with it.
  std::shared_ptr<DataKey> find_sealing_key(ReadTransaction& tx, Label purpose, ByteView scope);
  /// The key with this id, sealing or retired. nullptr if it was shredded.
  std::shared_ptr<DataKey> opening_key(ReadTransaction& tx, DataKeyId id);

  /// Retires the sealing key: the next value is sealed with a fresh one; old values still open.
  void rotate(Transaction& tx, Label purpose, ByteView scope);
  /// Wraps up to `limit` data keys again that an older key of the KMS wraps. Returns how many; 0 when all are
  /// done.
  std::size_t rewrap(Transaction& tx, std::size_t limit);
  /// Destroys all keys of the scope. Returns how many there were.
  std::size_t shred(Transaction& tx, Label purpose, ByteView scope);

 private:
  using Scope = std::pair<std::string, Bytes>;
  using ScopeView = std::pair<std::string_view, ByteView>;
  /// Finds by a view: every message looks for its key.
  struct ScopeOrder {
    using is_transparent = void;
    static ScopeView view(const Scope& scope) { return {scope.first, scope.second}; }
    static ScopeView view(const ScopeView& scope) { return scope; }
    bool operator()(const auto& left, const auto& right) const {
      const ScopeView a = view(left);
      const ScopeView b = view(right);
      if (const int order = a.first.compare(b.first); order != 0) return order < 0;
      return std::ranges::lexicographical_compare(a.second, b.second);
    }
  };
  struct Cached {
    std::shared_ptr<DataKey> key;
    core::Time until;
  };

  bool is_fresh(const Cached& cached) const;
  std::shared_ptr<DataKey> cached_sealing_key(const ScopeView& scope);
  std::shared_ptr<DataKey> cached_key(DataKeyId id);
  void remember(const std::shared_ptr<DataKey>& key, const Scope* sealing);
  void forget_all();
  std::shared_ptr<DataKey> unwrap(const Row& row);
  std::shared_ptr<DataKey> make(Transaction& tx, Label purpose, ByteView scope);

  Kms& kms_;
  const core::Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::int64_t, Cached> by_id_;
  std::map<Scope, Cached, ScopeOrder> sealing_;
};

}  // namespace wardline::storage
