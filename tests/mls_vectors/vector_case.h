// One case of a file of test vectors, and how a check says that it does not hold.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "lib/bytes/bytes.h"
#include "lib/crypto/hpke.h"
#include "lib/crypto/signature.h"

namespace wardline::mls_vectors {

/// Thrown by a check: what was compared, and what it found. Exceptions stay inside this test module.
class Mismatch : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Read-only access to a JSON object of a vector file. A field that is missing or of another type is a
/// Mismatch.
class Case {
 public:
  explicit Case(const boost::json::object& object) : object_(&object) {}

  bool has(std::string_view key) const;  ///< present and not null
  Bytes bytes(std::string_view key) const;
  std::optional<Bytes> optional_bytes(std::string_view key) const;
  std::uint64_t number(std::string_view key) const;
  std::string text(std::string_view key) const;
  Case object(std::string_view key) const;
  std::vector<Case> objects(std::string_view key) const;
  std::vector<Bytes> byte_list(std::string_view key) const;
  const boost::json::array& array(std::string_view key) const;

  /// The private keys in `key`. Some writers leave out leading zeros of EC keys: they are put back.
  crypto::SigningKey signing_key(const crypto::Suite& suite, std::string_view key) const;
  crypto::HpkePrivateKey hpke_key(const crypto::Suite& suite, std::string_view key) const;

  /// The suite that `cipher_suite` names.
  const crypto::Suite& suite() const;

 private:
  const boost::json::value& at(std::string_view key) const;
  const boost::json::object* object_;
};

/// The bytes that a JSON string spells in hexadecimal.
Bytes bytes_of(const boost::json::value& value);

void expect_equal(std::string_view what, ByteView got, ByteView want);
void expect_equal(std::string_view what, std::uint64_t got, std::uint64_t want);
void expect(std::string_view what, bool holds);

/// The value of a Result, or a Mismatch that names the error (found by `name_of`).
template <class T, class E>
T require(std::string_view what, std::expected<T, E>&& result) {
  if (!result) throw Mismatch(std::string(what) + ": " + std::string(name_of(result.error())));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace wardline::mls_vectors
