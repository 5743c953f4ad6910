// The TLS presentation language as MLS uses it (RFC 8446 §3, RFC 9420 §2.1): one field list per struct serves
// both ways.
//
//   struct Lifetime { std::uint64_t not_before, not_after; WARDLINE_TLS_FIELDS(not_before, not_after) };
//   Bytes wire = tls::encode(lifetime);
//   tls::Result<Lifetime> back = tls::decode<Lifetime>(wire);
//
// What maps to what: unsigned integers and enums are big-endian of their size; Bytes and std::string are
// opaque<V>; std::vector<T> is T<V>; std::optional<T> is optional<T> (§2.1.1); std::array<uint8_t, N> is
// opaque[N]; SecretBytes is opaque<V>. A struct that is more than a list of fields (a select) defines `void
// tls_write(tls::Writer&) const` and `void tls_read(tls::Reader&)`.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "lib/bytes/bytes.h"
#include "lib/bytes/secret_bytes.h"

/// Declares the fields of a struct in wire order.
#define WARDLINE_TLS_FIELDS(...)                      \
  auto tls_fields() { return std::tie(__VA_ARGS__); } \
  auto tls_fields() const { return std::tie(__VA_ARGS__); }

namespace wardline::tls {

enum class Error {
  truncated,           ///< The input ends inside a value.
  trailing_bytes,      ///< The input goes on after the value.
  non_minimal_length,  ///< §2.1.2: a length that a shorter form could carry, or the reserved prefix 0b11.
  invalid_value,       ///< A value the type does not have: an optional's flag other than 0 or 1, an unknown
                       ///< select.
  too_large,           ///< More than the limit that the caller or the type sets.
  too_deep,            ///< Nested further than any honest value.
};

/// A short English name, for logs and test output.
std::string_view name_of(Error error);

template <class T>
using Result = std::expected<T, Error>;

/// Largest vector that is written or read: 2^30 - 1 by §2.1.2.
inline constexpr std::size_t kLargestLength = (std::size_t{1} << 30) - 1;
inline constexpr int kDeepestNesting = 32;

/// Appends wire values to a buffer of its own. What is written may be secret, so nothing of it stays behind
/// in memory: the buffer is wiped when it is outgrown and when the writer goes.
class Writer {
 public:
  Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { wipe(out_); }

  void raw(ByteView bytes) {
    if (out_.capacity() - out_.size() < bytes.size()) grow(bytes.size());
    append(out_, bytes);
  }
  void uint(std::uint64_t value, int width);
  /// §2.1.2 variable-length header.
  void length(std::size_t length);
  void opaque(ByteView bytes) {
    length(bytes.size());
    raw(bytes);
  }

  /// Writes whatever `body` writes as a vector: its length in bytes, then itself.
  template <class Body>
  void vector(const Body& body) {
    const std::size_t start = out_.size();
    body(*this);
    put_length_before(start);
  }

  const Bytes& bytes() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  void grow(std::size_t more);
  /// Moves what has been written from `start` on to make room for its length.
  void put_length_before(std::size_t start);
  Bytes out_;
};

/// Reads wire values from a view. The first error sticks, and every read after it yields zero values.
class Reader {
 public:
  explicit Reader(ByteView input) : rest_(input) {}

  bool ok() const { return !error_; }
  std::optional<Error> error() const { return error_; }
  void fail(Error error) {
    if (!error_) error_ = error;
    rest_ = {};
  }
  bool at_end() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }
  /// What has not been read yet; lives as long as the input.
  ByteView rest() const { return rest_; }

  ByteView raw(std::size_t size);
  std::uint64_t uint(int width);
  std::size_t length();
  ByteView opaque() { return raw(length()); }

  /// Runs `body(inner)` until the vector that comes next is used up. Never allocates by the announced length.
  template <class Body>
  void vector(const Body& body) {
    if (++depth_ > kDeepestNesting) return fail(Error::too_deep);
    Reader inner(opaque());
    inner.depth_ = depth_;
    while (inner.ok() && !inner.at_end()) {
      const std::size_t before = inner.remaining();
      body(inner);
      if (inner.remaining() == before)
        inner.fail(Error::invalid_value);  // An item without bytes would never end.
    }
    if (inner.error_) fail(*inner.error_);
    --depth_;
  }

 private:
  ByteView rest_;
  std::optional<Error> error_;
  int depth_ = 0;
};

template <class T>
concept HasFields = requires(T value) { value.tls_fields(); };
template <class T>
concept HasOwnCodec = requires(const T& value, T& target, Writer& out, Reader& in) {
  value.tls_write(out);
  target.tls_read(in);
};

template <class T>
void write(Writer& out, const T& value);
template <class T>
void read(Reader& in, T& value);

namespace detail {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsByteArray : std::false_type {};
template <std::size_t N>
struct IsByteArray<std::array<std::uint8_t, N>> : std::true_type {};
template <class>
inline constexpr bool kUnsupported = false;

}  // namespace detail

template <class T>
void write(Writer& out, const T& value) {
  if constexpr (HasOwnCodec<T>) {
    value.tls_write(out);
  } else if constexpr (HasFields<T>) {
    std::apply([&](const auto&... field) { (write(out, field), ...); }, value.tls_fields());
  } else if constexpr (std::is_enum_v<T>) {
    out.uint(static_cast<std::uint64_t>(value), sizeof(T));
  } else if constexpr (std::is_unsigned_v<T> && !std::is_same_v<T, bool>) {
    out.uint(value, sizeof(T));
  } else if constexpr (std::is_same_v<T, Bytes>) {
    out.opaque(value);
  } else if constexpr (std::is_same_v<T, SecretBytes>) {
    out.opaque(value.view());
  } else if constexpr (std::is_same_v<T, std::string>) {
    out.opaque(as_bytes(value));
  } else if constexpr (detail::IsByteArray<T>::value) {
    out.raw(value);
  } else if constexpr (detail::IsVector<T>::value) {
    out.vector([&](Writer& inner) {
      for (const auto& item : value) write(inner, item);
    });
  } else if constexpr (detail::IsOptional<T>::value) {
    out.uint(value.has_value() ? 1 : 0, 1);
    if (value) write(out, *value);
  } else {
    static_assert(detail::kUnsupported<T>, "this type has no wire form");
  }
}

template <class T>
void read(Reader& in, T& value) {
  if constexpr (HasOwnCodec<T>) {
    value.tls_read(in);
  } else if constexpr (HasFields<T>) {
    std::apply([&](auto&... field) { (read(in, field), ...); }, value.tls_fields());
  } else if constexpr (std::is_enum_v<T> || (std::is_unsigned_v<T> && !std::is_same_v<T, bool>)) {
    value = static_cast<T>(in.uint(sizeof(T)));
  } else if constexpr (std::is_same_v<T, Bytes>) {
    value = to_bytes(in.opaque());
  } else if constexpr (std::is_same_v<T, SecretBytes>) {
    value = SecretBytes(in.opaque());
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = as_text(in.opaque());
  } else if constexpr (detail::IsByteArray<T>::value) {
    const ByteView bytes = in.raw(value.size());
    std::ranges::copy(bytes, value.begin());
  } else if constexpr (detail::IsVector<T>::value) {
    value.clear();
    in.vector([&](Reader& inner) { read(inner, value.emplace_back()); });
  } else if constexpr (detail::IsOptional<T>::value) {
    const auto present = in.uint(1);
    if (present > 1) return in.fail(Error::invalid_value);
    if (present == 1) {
      read(in, value.emplace());
    } else {
      value.reset();
    }
  } else {
    static_assert(detail::kUnsupported<T>, "this type has no wire form");
  }
}

template <class T>
Bytes encode(const T& value) {
  Writer out;
  write(out, value);
  return out.take();
}

/// Decodes a whole input; trailing bytes are an error.
template <class T>
Result<T> decode(ByteView input) {
  Reader in(input);
  T value{};
  read(in, value);
  if (in.error()) return std::unexpected(*in.error());
  if (!in.at_end()) return std::unexpected(Error::trailing_bytes);
  return value;
}

}  // namespace wardline::tls
