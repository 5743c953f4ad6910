#include "client/store/sealed_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace wardline::client {
namespace {

constexpr auto kAead = crypto::AeadAlgorithm::aes_256_gcm;
constexpr std::size_t kSalt = 16;
constexpr std::size_t kKey = 32;
constexpr int kVersion = 1;
constexpr std::string_view kCheck = "check";

/// secure_delete: what was removed, an old ratchet say, leaves no page behind. Truncate, not WAL, for the
/// same reason.
constexpr const char* kPragmas =
    "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;"
    "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";
constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS records (kind INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY (kind, key)) WITHOUT ROWID;";

Bytes associated_data(Table table, ByteView key) {
  Bytes data = to_bytes(as_bytes("wardline store v1 value"));
  data.push_back(0);
  data.push_back(static_cast<std::uint8_t>(table));
  append(data, key);
  return data;
}

/// Each row has a key and nonce of its own, from a random salt: how many are sealed has no limit.
SecretBytes row_key(const SecretBytes& key, ByteView salt) {
  return std::move(*crypto::hkdf_expand(crypto::HashAlgorithm::sha256, key.view(),
                                        {as_bytes("wardline store v1 row"), salt},
                                        kKey + crypto::kNonceSize));
}

std::optional<Bytes> seal(const SecretBytes& key, Table table, ByteView row, const SecretBytes& value) {
  Bytes sealed = crypto::random_bytes(kSalt);
  const auto material = row_key(key, sealed);
  const auto ciphertext = crypto::aead_seal(kAead, material.view().first(kKey), material.view().subspan(kKey),
                                            associated_data(table, row), value.view());
  if (!ciphertext) return std::nullopt;
  append(sealed, *ciphertext);
  return sealed;
}

StoreResult<SecretBytes> unseal(const SecretBytes& key, Table table, ByteView row, ByteView sealed) {
  if (sealed.size() < kSalt + crypto::kTagSize) return std::unexpected(StoreError::does_not_open);
  const auto material = row_key(key, sealed.first(kSalt));
  auto value = crypto::aead_open(kAead, material.view().first(kKey), material.view().subspan(kKey),
                                 associated_data(table, row), sealed.subspan(kSalt));
  if (!value) return std::unexpected(StoreError::does_not_open);
  return std::move(*value);
}

/// The file, and every journal that SQLite makes beside it with the same mode, is the owner's alone.
StoreResult<void> make_private(const std::filesystem::path& file) {
  const int handle = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (handle < 0) return std::unexpected(StoreError::disk);
  struct stat about{};
  const bool known = ::fstat(handle, &about) == 0;
  ::close(handle);
  if (!known) return std::unexpected(StoreError::disk);
  if ((about.st_mode & 0077) != 0) return std::unexpected(StoreError::too_open);
  return {};
}

}  // namespace

struct SealedStore::State {
  sqlite3* database = nullptr;
  SecretBytes key;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { sqlite3_close(database); }

  bool run(const char* sql) const {
    return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  }
};

namespace {

class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql) {
    sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  Statement& bind(ByteView value) {
    // An empty view may have no address, and a blob without address is NULL.
    sqlite3_bind_blob64(statement_, ++bound_, value.empty() ? "" : static_cast<const void*>(value.data()),
                        value.size(), SQLITE_TRANSIENT);
    return *this;
  }
  int step() { return statement_ ? sqlite3_step(statement_) : SQLITE_ERROR; }
  ByteView blob(int column) {
    return {static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column)),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  std::int64_t integer(int column) { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

StoreError error_of(int code) {
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB ? StoreError::does_not_open
                                                                           : StoreError::disk;
}

/// Of the file's format; 0 for a new one.
std::optional<std::int64_t> version_of(sqlite3* database) {
  Statement version(database, "PRAGMA user_version");
  return version.step() == SQLITE_ROW ? std::optional(version.integer(0)) : std::nullopt;
}

}  // namespace

SealedStore::SealedStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
SealedStore::~SealedStore() = default;
SealedStore::SealedStore(SealedStore&&) noexcept = default;
SealedStore& SealedStore::operator=(SealedStore&&) noexcept = default;

StoreResult<SealedStore> SealedStore::open(const std::filesystem::path& file, const SecretBytes& key) {
  if (auto ready = make_private(file); !ready) return std::unexpected(ready.error());
  auto state = std::make_unique<State>();
  state->key = key.copy();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (const int code =
          sqlite3_open_v2(std::filesystem::absolute(file).c_str(), &state->database, flags, nullptr);
      code != SQLITE_OK) {
    return std::unexpected(error_of(code));
  }
  if (!state->run(kPragmas)) return std::unexpected(error_of(sqlite3_errcode(state->database)));
  const auto version = version_of(state->database);
  if (!version) return std::unexpected(error_of(sqlite3_errcode(state->database)));
  if (*version > kVersion) return std::unexpected(StoreError::newer_version);
  const bool is_new = *version == 0;

  SealedStore store(std::move(state));
  if (is_new) {
    if (!store.state_->run(kSchema)) return std::unexpected(StoreError::disk);
    Changes first;
    first.put(Table::facts, as_bytes(kCheck), SecretBytes(as_bytes(kCheck)));
    if (auto done = store.write(first); !done) return std::unexpected(done.error());
    if (!store.state_->run("PRAGMA user_version = 1")) return std::unexpected(StoreError::disk);
  }
  const auto check = store.get(Table::facts, as_bytes(kCheck));
  if (!check) return std::unexpected(check.error());
  if (!*check) return std::unexpected(StoreError::does_not_open);
  return store;
}

StoreResult<std::optional<SecretBytes>> SealedStore::get(Table table, ByteView key) const {
  Statement select(state_->database, "SELECT value FROM records WHERE kind = ?1 AND key = ?2");
  const int code = select.bind(static_cast<int>(table)).bind(key).step();
  if (code == SQLITE_DONE) return std::optional<SecretBytes>();
  if (code != SQLITE_ROW) return std::unexpected(error_of(code));
  auto value = unseal(state_->key, table, key, select.blob(0));
  if (!value) return std::unexpected(value.error());
  return std::optional(std::move(*value));
}

StoreResult<std::vector<Row>> SealedStore::list(Table table, const Range& range) const {
  std::string sql = "SELECT key, value FROM records WHERE kind = ?1 AND key >= ?2";
  if (!range.last.empty()) sql += " AND key <= ?3";
  sql += range.order == Order::ascending ? " ORDER BY key" : " ORDER BY key DESC";
  Statement select(state_->database, sql);
  select.bind(static_cast<int>(table)).bind(range.first);
  if (!range.last.empty()) select.bind(range.last);
  std::vector<Row> rows;
  while (rows.size() < range.limit) {
    const int code = select.step();
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) return std::unexpected(error_of(code));
    Bytes key = to_bytes(select.blob(0));
    auto value = unseal(state_->key, table, key, select.blob(1));
    if (!value) return std::unexpected(value.error());
    rows.push_back({std::move(key), std::move(*value)});
  }
  return rows;
}

StoreResult<void> SealedStore::write(const Changes& changes) {
  if (!state_->run("BEGIN IMMEDIATE")) return std::unexpected(StoreError::disk);
  for (const Changes::Change& change : changes.all_) {
    int code = SQLITE_ERROR;
    if (!change.value) {
      Statement remove(state_->database, "DELETE FROM records WHERE kind = ?1 AND key = ?2");
      code = remove.bind(static_cast<int>(change.table)).bind(change.key).step();
    } else if (const auto sealed = seal(state_->key, change.table, change.key, *change.value)) {
      Statement upsert(state_->database,
                       "INSERT INTO records (kind, key, value) VALUES (?1, ?2, ?3)"
                       " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value");
      code = upsert.bind(static_cast<int>(change.table)).bind(change.key).bind(*sealed).step();
    }
    if (code != SQLITE_DONE) {
      state_->run("ROLLBACK");
      return std::unexpected(StoreError::disk);
    }
  }
  if (state_->run("COMMIT")) return {};
  state_->run("ROLLBACK");
  return std::unexpected(StoreError::disk);
}

}  // namespace wardline::client
