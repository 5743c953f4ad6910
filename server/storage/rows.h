// The answer of a query: all its rows, in one buffer, read by column number as typed values.
#pragma once

#include <concepts>
#include <optional>
#include <utility>
#include <vector>

#include "lib/bytes/bytes.h"
#include "server/core/clock.h"
#include "server/core/id.h"

namespace wardline::storage {

class Row;

class Rows {
 public:
  class Iterator;

  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return cells_.empty(); }
  /// The rows are views: they live as long as this object.
  Row operator[](std::size_t index) const;
  Row front() const;
  Iterator begin() const;
  Iterator end() const;

  // For the engines: cells are added row by row.
  explicit Rows(std::size_t columns = 0) : columns_(columns) {}
  void add_null() { cells_.push_back({Kind::null, 0, {}}); }
  void add_integer(std::int64_t value) { cells_.push_back({Kind::integer, 0, {.integer = value}}); }
  void add_real(double value) { cells_.push_back({Kind::real, 0, {.real = value}}); }
  void add_text(ByteView value) { add_view(Kind::text, value); }
  void add_bytes(ByteView value) { add_view(Kind::bytes, value); }
  /// The rows of `more` after ours.
  void append(const Rows& more);

 private:
  friend class Row;
  enum class Kind : std::uint8_t { null, integer, real, text, bytes };
  struct Cell {
    Kind kind;
    std::uint32_t length;
    union {
      std::int64_t integer;
      double real;
      std::size_t offset;
    } value;
  };
  void add_view(Kind kind, ByteView value) {
    cells_.push_back({kind, static_cast<std::uint32_t>(value.size()), {.offset = buffer_.size()}});
    wardline::append(buffer_, value);
  }

  std::size_t columns_;
  std::vector<Cell> cells_;
  Bytes buffer_;
};

/// One row of a `Rows`. A column of another type than the one asked for is a bug: StorageFailure `misuse`.
class Row {
 public:
  /// `T`: an integer type (checked for range), bool, double, std::string, Bytes, core::Id<…>, core::Time, or
  /// an std::optional of one of them for columns that may be NULL. Types with `static T from_stored(Bytes)`
  /// work as well.
  template <class T>
  T get(std::size_t column) const {
    return read(column, static_cast<T*>(nullptr));
  }
  bool is_null(std::size_t column) const;
  /// Without a copy; they live as long as the `Rows`.
  ByteView bytes_view(std::size_t column) const;
  std::string_view text_view(std::size_t column) const;

 private:
  friend class Rows;
  friend class Rows::Iterator;
  Row(const Rows& rows, std::size_t first) : rows_(&rows), first_(first) {}

  const Rows::Cell& cell(std::size_t column) const;
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;
  [[noreturn]] static void mismatch(const char* what);

  template <std::integral T>
  T read(std::size_t column, T*) const {
    const std::int64_t value = integer(column);
    if (!std::in_range<T>(value)) mismatch("integer out of range");
    return static_cast<T>(value);
  }
  bool read(std::size_t column, bool*) const { return integer(column) != 0; }
  double read(std::size_t column, double*) const { return real(column); }
  std::string read(std::size_t column, std::string*) const { return std::string(text_view(column)); }
  Bytes read(std::size_t column, Bytes*) const { return to_bytes(bytes_view(column)); }
  core::Time read(std::size_t column, core::Time*) const { return {integer(column)}; }
  template <class Tag>
  core::Id<Tag> read(std::size_t column, core::Id<Tag>*) const {
    const auto id = core::Id<Tag>::from_bytes(bytes_view(column));
    if (!id) mismatch("not a 16-byte id");
    return *id;
  }
  template <class T>
    requires requires(Bytes bytes) {
      { T::from_stored(std::move(bytes)) } -> std::same_as<T>;
    }
  T read(std::size_t column, T*) const {
    return T::from_stored(to_bytes(bytes_view(column)));
  }
  template <class T>
  std::optional<T> read(std::size_t column, std::optional<T>*) const {
    return is_null(column) ? std::optional<T>() : get<T>(column);
  }

  const Rows* rows_;
  std::size_t first_;
};

class Rows::Iterator {
 public:
  using value_type = Row;
  using difference_type = std::ptrdiff_t;
  Iterator() = default;
  Iterator(const Rows& rows, std::size_t at) : rows_(&rows), at_(at) {}
  Row operator*() const { return (*rows_)[at_]; }
  Iterator& operator++() {
    ++at_;
    return *this;
  }
  Iterator operator++(int) { return {*rows_, at_++}; }
  bool operator==(const Iterator& other) const { return at_ == other.at_; }

 private:
  const Rows* rows_ = nullptr;
  std::size_t at_ = 0;
};

inline Rows::Iterator Rows::begin() const { return {*this, 0}; }
inline Rows::Iterator Rows::end() const { return {*this, size()}; }
inline Row Rows::front() const { return (*this)[0]; }

}  // namespace wardline::storage
