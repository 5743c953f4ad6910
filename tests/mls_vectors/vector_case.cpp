#include "tests/mls_vectors/vector_case.h"

#include "lib/bytes/text.h"

namespace wardline::mls_vectors {

const boost::json::value& Case::at(std::string_view key) const {
  const auto* value = object_->if_contains(key);
  if (!value) throw Mismatch("the case has no field " + std::string(key));
  return *value;
}

bool Case::has(std::string_view key) const {
  const auto* value = object_->if_contains(key);
  return value && !value->is_null();
}

Bytes bytes_of(const boost::json::value& value) {
  if (!value.is_string()) throw Mismatch("expected a string of hexadecimal digits");
  auto bytes = from_hex(std::string_view(value.get_string()));
  if (!bytes) throw Mismatch("expected hexadecimal digits");
  return std::move(*bytes);
}

Bytes Case::bytes(std::string_view key) const { return bytes_of(at(key)); }

std::optional<Bytes> Case::optional_bytes(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return bytes(key);
}

std::uint64_t Case::number(std::string_view key) const {
  const auto& value = at(key);
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::uint64_t>(value.get_int64());
  throw Mismatch("expected a number in " + std::string(key));
}

std::string Case::text(std::string_view key) const {
  const auto& value = at(key);
  if (!value.is_string()) throw Mismatch("expected a string in " + std::string(key));
  return std::string(std::string_view(value.get_string()));
}

Case Case::object(std::string_view key) const {
  const auto& value = at(key);
  if (!value.is_object()) throw Mismatch("expected an object in " + std::string(key));
  return Case(value.get_object());
}

const boost::json::array& Case::array(std::string_view key) const {
  const auto& value = at(key);
  if (!value.is_array()) throw Mismatch("expected an array in " + std::string(key));
  return value.get_array();
}

std::vector<Case> Case::objects(std::string_view key) const {
  std::vector<Case> all;
  for (const auto& value : array(key)) {
    if (!value.is_object()) throw Mismatch("expected objects in " + std::string(key));
    all.emplace_back(value.get_object());
  }
  return all;
}

std::vector<Bytes> Case::byte_list(std::string_view key) const {
  std::vector<Bytes> all;
  for (const auto& value : array(key)) all.push_back(bytes_of(value));
  return all;
}

namespace {

Bytes with_leading_zeros(Bytes raw, std::size_t size) {
  if (raw.size() < size) raw.insert(raw.begin(), size - raw.size(), 0);
  return raw;
}

}  // namespace

crypto::SigningKey Case::signing_key(const crypto::Suite& suite, std::string_view key) const {
  const bool is_ecdsa = suite.signature != crypto::SignatureAlgorithm::ed25519 &&
                        suite.signature != crypto::SignatureAlgorithm::ed448;
  // The suites sign and agree on the same curve, so that the KEM's size is the field's.
  const Bytes raw = with_leading_zeros(bytes(key), is_ecdsa ? suite.kem_private_size : 0);
  return require(key, crypto::SigningKey::from_raw(suite.signature, raw));
}

crypto::HpkePrivateKey Case::hpke_key(const crypto::Suite& suite, std::string_view key) const {
  return require(
      key, crypto::HpkePrivateKey::from_raw(suite, with_leading_zeros(bytes(key), suite.kem_private_size)));
}

const crypto::Suite& Case::suite() const {
  const auto* suite = crypto::find_suite(static_cast<crypto::CipherSuite>(number("cipher_suite")));
  if (!suite) throw Mismatch("unknown cipher suite");
  return *suite;
}

void expect_equal(std::string_view what, ByteView got, ByteView want) {
  if (equal(got, want)) return;
  throw Mismatch(std::string(what) + ": got " + to_hex(got.first(std::min<std::size_t>(got.size(), 80))) +
                 ", want " + to_hex(want.first(std::min<std::size_t>(want.size(), 80))));
}

void expect_equal(std::string_view what, std::uint64_t got, std::uint64_t want) {
  if (got != want) {
    throw Mismatch(std::string(what) + ": got " + std::to_string(got) + ", want " + std::to_string(want));
  }
}

void expect(std::string_view what, bool holds) {
  if (!holds) throw Mismatch(std::string(what) + " does not hold");
}

}  // namespace wardline::mls_vectors
