// A device's state on disk: one SQLite file whose values are sealed with AES-256-GCM, each bound to its table
// and key. What belongs together is written in one transaction and is durable when the call returns.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/store/error.h"
#include "lib/bytes/secret_bytes.h"

namespace wardline::client {

/// The numbers are on disk.
enum class Table : std::uint8_t {
  facts = 1,
  conversations = 2,
  mls = 3,
  key_packages = 4,
  outbox = 5,
  messages = 6,
  sent = 7,
  creations = 8,
  receipts = 9,
};

struct Row {
  Bytes key;
  SecretBytes value;
};

/// What is to be written together.
class Changes {
 public:
  Changes& put(Table table, ByteView key, SecretBytes value) {
    all_.push_back({table, to_bytes(key), std::move(value)});
    return *this;
  }
  Changes& remove(Table table, ByteView key) {
    all_.push_back({table, to_bytes(key), std::nullopt});
    return *this;
  }
  bool empty() const { return all_.empty(); }

 private:
  friend class SealedStore;
  struct Change {
    Table table;
    Bytes key;
    std::optional<SecretBytes> value;
  };
  std::vector<Change> all_;
};

enum class Order : std::uint8_t { ascending, descending };

/// Keys from `first` to `last`, both included; an empty `last` has no end.
struct Range {
  Bytes first = {};
  Bytes last = {};
  Order order = Order::ascending;
  std::size_t limit = SIZE_MAX;
};

class SealedStore {
 public:
  /// Makes the file, for its owner only, where there is none. `key`: 32 bytes. `does_not_open` for another
  /// key than that which the file was made with.
  static StoreResult<SealedStore> open(const std::filesystem::path& file, const SecretBytes& key);
  ~SealedStore();
  SealedStore(SealedStore&&) noexcept;
  SealedStore& operator=(SealedStore&&) noexcept;

  /// Nothing if there is no such row. `does_not_open` if it was changed, or moved here from elsewhere.
  StoreResult<std::optional<SecretBytes>> get(Table table, ByteView key) const;
  StoreResult<std::vector<Row>> list(Table table, const Range& range = {}) const;
  /// All of it or nothing, on disk when this returns.
  StoreResult<void> write(const Changes& changes);

 private:
  struct State;
  explicit SealedStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace wardline::client
