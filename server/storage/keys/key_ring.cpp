#include "server/storage/keys/key_ring.h"

#include "lib/crypto/random.h"
#include "server/core/log.h"
#include "server/storage/failure.h"

namespace wardline::storage {
namespace {

constexpr std::size_t kCacheSize = 20'000;

// Wrapped keys are bound to what they are for, so that exchanging two rows gives keys that do not unwrap.
Bytes wrapping_context(DataKeyId id, std::string_view purpose, ByteView scope) {
  const std::string text = "wardline data key " + std::to_string(id.value) + " " + std::string(purpose) + " ";
  return concat(as_bytes(text), scope);
}

// 42 bits of milliseconds, 21 random bits: appended at the end of the table, and positive until 2109.
DataKeyId new_data_key_id(core::Time now) {
  const Bytes random = crypto::random_bytes(3);
  const std::int64_t low = (random[0] << 16 | random[1] << 8 | random[2]) & 0x1fffff;
  return {(now.microseconds / 1000) << 21 | low};
}

template <class T>
T or_throw(core::Result<T> result) {
  if (!result) throw StorageFailure(StorageFailure::Cause::keys, std::string(result.error().code));
  return std::move(*result);
}

}  // namespace

core::Result<void> KeyRing::verify(Database& database) {
  return database.read([&](ReadTransaction& tx) -> core::Result<void> {
    const Rows rows = tx.query(
        "SELECT id, purpose, scope, wrapped, wrapping_key FROM data_keys WHERE id IN (SELECT max(id) FROM "
        "data_keys GROUP BY "
        "wrapping_key)");
    for (const Row row : rows) {
      const DataKeyId id{row.get<std::int64_t>(0)};
      const auto key = kms_.unwrap({row.get<std::string>(4), row.get<Bytes>(3)},
                                   wrapping_context(id, row.text_view(1), row.bytes_view(2)));
      if (!key) return std::unexpected(key.error());
    }
    return {};
  });
}

std::shared_ptr<DataKey> KeyRing::sealing_key(Transaction& tx, Label purpose, ByteView scope) {
  if (auto found = find_sealing_key(tx, purpose, scope)) return found;
  return make(tx, purpose, scope);
}

std::shared_ptr<DataKey> KeyRing::find_sealing_key(ReadTransaction& tx, Label purpose, ByteView scope) {
  if (auto cached = cached_sealing_key({purpose.view(), scope})) return cached;
  const Rows rows = tx.query(
      "SELECT id, purpose, scope, wrapped, wrapping_key FROM data_keys WHERE purpose = $1 AND scope = $2 AND "
      "retired_at IS "
      "NULL",
      purpose.view(), scope);
  if (rows.empty()) return nullptr;
  auto key = unwrap(rows.front());
  tx.after_commit(
      [this, key, name = Scope{std::string(purpose.view()), to_bytes(scope)}] { remember(key, &name); });
  return key;
}

std::shared_ptr<DataKey> KeyRing::opening_key(ReadTransaction& tx, DataKeyId id) {
  if (auto cached = cached_key(id)) return cached;
  const Rows rows =
      tx.query("SELECT id, purpose, scope, wrapped, wrapping_key FROM data_keys WHERE id = $1", id.value);
  if (rows.empty()) return nullptr;
  auto key = unwrap(rows.front());
  tx.after_commit([this, key] { remember(key, nullptr); });
  return key;
}

std::shared_ptr<DataKey> KeyRing::unwrap(const Row& row) {
  const DataKeyId id{row.get<std::int64_t>(0)};
  SecretBytes secret = or_throw(kms_.unwrap({row.get<std::string>(4), row.get<Bytes>(3)},
                                            wrapping_context(id, row.text_view(1), row.bytes_view(2))));
  return or_throw(DataKey::create(id, std::move(secret)));
}

std::shared_ptr<DataKey> KeyRing::make(Transaction& tx, Label purpose, ByteView scope) {
  const DataKeyId id = new_data_key_id(clock_.now());
  SecretBytes secret = crypto::random_secret(32);
  const WrappedKey wrapped = or_throw(kms_.wrap(secret, wrapping_context(id, purpose.view(), scope)));
  tx.execute(
      "INSERT INTO data_keys (id, purpose, scope, wrapped, wrapping_key, created_at) VALUES ($1, $2, $3, $4, "
      "$5, $6)",
      id.value, purpose.view(), scope, wrapped.bytes, wrapped.wrapping_key, clock_.now());
  auto key = or_throw(DataKey::create(id, std::move(secret)));
  // Not before it is durable: what another transaction seals must not depend on a key that rolls back.
  tx.after_commit(
      [this, key, name = Scope{std::string(purpose.view()), to_bytes(scope)}] { remember(key, &name); });
  return key;
}

void KeyRing::rotate(Transaction& tx, Label purpose, ByteView scope) {
  tx.execute("UPDATE data_keys SET retired_at = $3 WHERE purpose = $1 AND scope = $2 AND retired_at IS NULL",
             purpose.view(), scope, clock_.now());
  tx.after_commit([this] { forget_all(); });
}

std::size_t KeyRing::rewrap(Transaction& tx, std::size_t limit) {
  const std::string current = kms_.current_key();
  const Rows rows = tx.query(
      "SELECT id, purpose, scope, wrapped, wrapping_key FROM data_keys WHERE wrapping_key <> $1 ORDER BY id "
      "LIMIT $2",
      current, limit);
  for (const Row row : rows) {
    const DataKeyId id{row.get<std::int64_t>(0)};
    const Bytes context = wrapping_context(id, row.text_view(1), row.bytes_view(2));
    const SecretBytes secret = or_throw(kms_.unwrap({row.get<std::string>(4), row.get<Bytes>(3)}, context));
    const WrappedKey wrapped = or_throw(kms_.wrap(secret, context));
    tx.execute("UPDATE data_keys SET wrapped = $2, wrapping_key = $3 WHERE id = $1", id.value, wrapped.bytes,
               wrapped.wrapping_key);
  }
  return rows.size();
}

std::size_t KeyRing::shred(Transaction& tx, Label purpose, ByteView scope) {
  const std::int64_t gone =
      tx.execute("DELETE FROM data_keys WHERE purpose = $1 AND scope = $2", purpose.view(), scope);
  tx.after_commit([this] { forget_all(); });
  return static_cast<std::size_t>(gone);
}

// A clock that was set back must not keep a key for longer.
bool KeyRing::is_fresh(const Cached& cached) const {
  const core::Time now = clock_.now();
  return now < cached.until && cached.until - now <= kCacheTime;
}

std::shared_ptr<DataKey> KeyRing::cached_sealing_key(const ScopeView& scope) {
  const std::lock_guard guard(mutex_);
  const auto found = sealing_.find(scope);
  return found != sealing_.end() && is_fresh(found->second) ? found->second.key : nullptr;
}

std::shared_ptr<DataKey> KeyRing::cached_key(DataKeyId id) {
  const std::lock_guard guard(mutex_);
  const auto found = by_id_.find(id.value);
  return found != by_id_.end() && is_fresh(found->second) ? found->second.key : nullptr;
}

void KeyRing::remember(const std::shared_ptr<DataKey>& key, const Scope* sealing) {
  const Cached cached{key, clock_.now() + kCacheTime};
  const std::lock_guard guard(mutex_);
  if (by_id_.size() >= kCacheSize || sealing_.size() >= kCacheSize) {
    by_id_.clear();
    sealing_.clear();
  }
  by_id_.insert_or_assign(key->id().value, cached);
  if (sealing != nullptr) sealing_.insert_or_assign(*sealing, cached);
}

void KeyRing::forget_all() {
  const std::lock_guard guard(mutex_);
  by_id_.clear();
  sealing_.clear();
}

}  // namespace wardline::storage
