// Columns that are encrypted at rest: sealed values, opened values as a type of their own, and look-ups by
// keyed hash.
#pragma once

#include "server/storage/keys/key_ring.h"

namespace wardline::storage {

/// What stands in a sealed column. Bind it as a parameter; read it with `row.get<Sealed>(i)`.
class Sealed {
 public:
  Sealed() = default;
  static Sealed from_stored(Bytes bytes) { return Sealed(std::move(bytes)); }
  ByteView stored() const { return bytes_; }

 private:
  explicit Sealed(Bytes bytes) : bytes_(std::move(bytes)) {}
  Bytes bytes_;
};

/// An opened value: PHI or a secret. It wipes itself, and is neither a Parameter nor a log field, so that it
/// can be stored by sealing only.
class Unsealed {
 public:
  explicit Unsealed(SecretBytes bytes) : bytes_(std::move(bytes)) {}
  ByteView view() const { return bytes_.view(); }
  /// Without a copy; lives as long as this object.
  std::string_view text() const { return {reinterpret_cast<const char*>(view().data()), view().size()}; }

 private:
  SecretBytes bytes_;
};

/// Seals and opens the values of one column. Each is bound to table, column and row, so that it does not open
/// elsewhere.
class SealedColumn {
 public:
  SealedColumn(KeyRing& keys, Label purpose, Label table, Label column)
      : keys_(keys), purpose_(purpose), table_(table), column_(column) {}

  /// `scope` chooses the data key (a tenant, or whatever can be shredded together); `row` is the row's key.
  Sealed seal(Transaction& tx, ByteView scope, ByteView row, ByteView plaintext) const;
  Sealed seal(Transaction& tx, ByteView scope, ByteView row, std::string_view plaintext) const {
    return seal(tx, scope, row, as_bytes(plaintext));
  }
  /// Errors: "sealed-value-damaged" (altered, or moved from another row, column or table), "shredded" (its
  /// key was destroyed, on purpose).
  core::Result<Unsealed> open(ReadTransaction& tx, ByteView row, const Sealed& sealed) const;
  /// True if a newer key seals now: seal the value again to have done with the retired one.
  bool is_stale(ReadTransaction& tx, ByteView scope, const Sealed& sealed) const;

 private:
  Bytes place(ByteView row) const;

  KeyRing& keys_;
  const Label purpose_;
  const Label table_;
  const Label column_;
};

/// How look-ups by equality see a text.
enum class Normalise {
  exact,
  folded,  ///< ASCII letters in lower case, white space trimmed and runs of it as one space: names, e-mail
           ///< addresses.
  digits,  ///< Digits only: telephone numbers, record numbers with separators.
};

/// A keyed hash that stands beside a sealed column, so that rows can be found by the value without it being
/// readable, or guessable without the key. 16 bytes.
class BlindIndex {
 public:
  BlindIndex(KeyRing& keys, Label purpose, Label table, Label column, Normalise normalise)
      : keys_(keys), purpose_(purpose), table_(table), column_(column), normalise_(normalise) {}

  /// For storing. Makes the key if there is none. Its key must not be rotated without writing all values
  /// again.
  Bytes value(Transaction& tx, ByteView scope, std::string_view text) const;
  /// For finding. Nothing if there is no key yet: then no row can match.
  std::optional<Bytes> find(ReadTransaction& tx, ByteView scope, std::string_view text) const;

 private:
  Bytes hash(const DataKey& key, std::string_view text) const;

  KeyRing& keys_;
  const Label purpose_;
  const Label table_;
  const Label column_;
  const Normalise normalise_;
};

}  // namespace wardline::storage
