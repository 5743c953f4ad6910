#include "lib/crypto/openssl/pkey.h"

#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/params.h>

namespace wardline::crypto {
namespace {

struct KeySizes {
  const char* name;
  std::size_t public_key;
  std::size_t private_key;
};
constexpr std::array<KeySizes, 7> kSizes = {{{"P-256", 65, 32},
                                             {"P-384", 97, 48},
                                             {"P-521", 133, 66},
                                             {"X25519", 32, 32},
                                             {"X448", 56, 56},
                                             {"ED25519", 32, 32},
                                             {"ED448", 57, 57}}};

const KeySizes& sizes_of(KeyType type) { return kSizes[static_cast<std::size_t>(type)]; }
bool is_curve(KeyType type) { return type <= KeyType::p521; }
const Curve& curve_of(KeyType type) { return library().curves[static_cast<std::size_t>(type)]; }

Result<PkeyPtr> checked(EVP_PKEY* key) {
  if (key == nullptr) return refused(Error::bad_key);
  return PkeyPtr(key);
}

/// The scalar as a number, or null if it is not in [1, n).
SecretBignum parse_scalar(const Curve& curve, ByteView raw) {
  SecretBignum scalar(BN_secure_new());
  if (!scalar || BN_bin2bn(raw.data(), static_cast<int>(raw.size()), scalar.get()) == nullptr) return nullptr;
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  if (BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(curve.group)) >= 0) return nullptr;
  return scalar;
}

/// Public key of a scalar: the base point times it. OpenSSL 3.0 has no call for this above the level of curve
/// points.
Result<Bytes> derive_on_curve(KeyType type, ByteView raw) {
  const Curve& curve = curve_of(type);
  if (curve.group == nullptr) return std::unexpected(Error::unsupported);
  const SecretBignum scalar = parse_scalar(curve, raw);
  if (!scalar) return refused(Error::bad_key);
  const BignumContext scratch(BN_CTX_secure_new_ex(library().context));
  const SecretPoint point(EC_POINT_new(curve.group));
  Bytes encoded(sizes_of(type).public_key);
  if (!scratch || !point ||
      EC_POINT_mul(curve.group, point.get(), scalar.get(), nullptr, nullptr, scratch.get()) != 1 ||
      EC_POINT_point2oct(curve.group, point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                         encoded.size(), scratch.get()) != encoded.size()) {
    return refused(Error::provider_failure);
  }
  return encoded;
}

/// Where a point is read to, and what OpenSSL computes with on the way.
struct PointSpace {
  SecretPoint point;
  BignumContext numbers;
};

/// Each thread keeps one per curve for public keys: making it anew costs as much as the check of a key.
PointSpace& space_for_checks(KeyType type) {
  thread_local std::array<PointSpace, 3> spaces;
  PointSpace& space = spaces[static_cast<std::size_t>(type)];
  const EC_GROUP* group = curve_of(type).group;
  if (!space.point && group != nullptr)
    space = {SecretPoint(EC_POINT_new(group)), BignumContext(BN_CTX_new_ex(library().context))};
  return space;
}

/// False unless `raw` is an uncompressed point of the curve (RFC 9420 §5.1.1): OpenSSL would also take the
/// hybrid form, which has the same length.
bool read_point(KeyType type, ByteView raw, const PointSpace& to) {
  return to.point && to.numbers && raw.size() == sizes_of(type).public_key &&
         raw[0] == POINT_CONVERSION_UNCOMPRESSED &&
         EC_POINT_oct2point(curve_of(type).group, to.point.get(), raw.data(), raw.size(), to.numbers.get()) ==
             1;
}

Result<PkeyPtr> parse_private_on_curve(KeyType type, ByteView raw, ByteView public_key) {
  const Curve& curve = curve_of(type);
  const SecretBignum scalar = parse_scalar(curve, raw);
  if (!scalar) return refused(Error::bad_key);
  SecretBytes native(raw.size());
  if (BN_bn2nativepad(scalar.get(), native.writable().data(), static_cast<int>(native.size())) < 0) {
    return refused(Error::provider_failure);
  }
  const PkeyContext context(
      EVP_PKEY_CTX_new_from_name(library().context, "EC", library().properties.c_str()));
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(sizes_of(type).name), 0),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native.writable().data(), native.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<std::uint8_t*>(public_key.data()),
                                        public_key.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters) != 1) {
    return refused(Error::provider_failure);
  }
  return PkeyPtr(key);
}

}  // namespace

KeyType key_type_of(KemAlgorithm kem) {
  switch (kem) {
    case KemAlgorithm::p256:
      return KeyType::p256;
    case KemAlgorithm::p384:
      return KeyType::p384;
    case KemAlgorithm::p521:
      return KeyType::p521;
    case KemAlgorithm::x25519:
      return KeyType::x25519;
    case KemAlgorithm::x448:
      break;
  }
  return KeyType::x448;
}

KeyType key_type_of(SignatureAlgorithm signature) {
  switch (signature) {
    case SignatureAlgorithm::ecdsa_p256_sha256:
      return KeyType::p256;
    case SignatureAlgorithm::ecdsa_p384_sha384:
      return KeyType::p384;
    case SignatureAlgorithm::ecdsa_p521_sha512:
      return KeyType::p521;
    case SignatureAlgorithm::ed25519:
      return KeyType::ed25519;
    case SignatureAlgorithm::ed448:
      break;
  }
  return KeyType::ed448;
}

std::optional<SignatureAlgorithm> signature_algorithm_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return SignatureAlgorithm::ed25519;
  if (EVP_PKEY_is_a(key, "ED448") == 1) return SignatureAlgorithm::ed448;
  char group[32] = {};
  if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1)
    return std::nullopt;
  switch (OBJ_txt2nid(group)) {
    case NID_X9_62_prime256v1:
      return SignatureAlgorithm::ecdsa_p256_sha256;
    case NID_secp384r1:
      return SignatureAlgorithm::ecdsa_p384_sha384;
    case NID_secp521r1:
      return SignatureAlgorithm::ecdsa_p521_sha512;
    default:
      return std::nullopt;
  }
}

Result<PkeyPtr> parse_public_key(KeyType type, ByteView raw) {
  if (raw.size() != sizes_of(type).public_key) return std::unexpected(Error::bad_key);
  if (!is_curve(type)) {
    return checked(EVP_PKEY_new_raw_public_key_ex(library().context, sizes_of(type).name,
                                                  library().properties.c_str(), raw.data(), raw.size()));
  }
  // RFC 9420 §5.1.1: uncompressed. OpenSSL would also take the hybrid form, which has the same length.
  if (raw[0] != POINT_CONVERSION_UNCOMPRESSED) return std::unexpected(Error::bad_key);
  const Curve& curve = curve_of(type);
  if (curve.parameters == nullptr) return std::unexpected(Error::unsupported);
  // A copy of the parameters and then the point takes 4 us; building the key in one step takes 25. Checks the
  // curve.
  PkeyPtr key(EVP_PKEY_dup(curve.parameters));
  if (!key || EVP_PKEY_set1_encoded_public_key(key.get(), raw.data(), raw.size()) != 1)
    return refused(Error::bad_key);
  return key;
}

Result<PkeyPtr> parse_private_key(KeyType type, ByteView raw, ByteView public_key) {
  if (raw.size() != sizes_of(type).private_key) return std::unexpected(Error::bad_key);
  if (is_curve(type)) return parse_private_on_curve(type, raw, public_key);
  return checked(EVP_PKEY_new_raw_private_key_ex(library().context, sizes_of(type).name,
                                                 library().properties.c_str(), raw.data(), raw.size()));
}

Result<Bytes> derive_public_key(KeyType type, ByteView raw) {
  if (raw.size() != sizes_of(type).private_key) return std::unexpected(Error::bad_key);
  if (is_curve(type)) return derive_on_curve(type, raw);
  const auto key = parse_private_key(type, raw, {});
  if (!key) return std::unexpected(key.error());
  return raw_public_key(type, key->get());
}

Result<PkeyPtr> generate_key(KeyType type) {
  const Curve* curve = is_curve(type) ? &curve_of(type) : nullptr;
  if (curve != nullptr && curve->parameters == nullptr) return std::unexpected(Error::unsupported);
  const char* properties = library().properties.c_str();
  // Generating from a parameter object copies its group; by name, OpenSSL would build the group anew.
  const PkeyContext context(
      curve != nullptr ? EVP_PKEY_CTX_new_from_pkey(library().context, curve->parameters, properties)
                       : EVP_PKEY_CTX_new_from_name(library().context, sizes_of(type).name, properties));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1) return refused(Error::unsupported);
  if (EVP_PKEY_generate(context.get(), &key) != 1) return refused(Error::provider_failure);
  return PkeyPtr(key);
}

bool is_public_key(KeyType type, ByteView raw) {
  if (!is_curve(type)) return raw.size() == sizes_of(type).public_key;
  if (read_point(type, raw, space_for_checks(type))) return true;
  ERR_clear_error();
  return false;
}

Result<SecretBytes> agree_on_curve(KeyType type, ByteView scalar, ByteView peer_public_key) {
  const Curve& curve = curve_of(type);
  if (curve.group == nullptr) return std::unexpected(Error::unsupported);
  const PointSpace peer{SecretPoint(EC_POINT_new(curve.group)),
                        BignumContext(BN_CTX_secure_new_ex(library().context))};
  if (!read_point(type, peer_public_key, peer)) return refused(Error::bad_key);
  const SecretBignum factor = parse_scalar(curve, scalar);
  const SecretPoint point(EC_POINT_new(curve.group));
  const SecretBignum x(BN_secure_new());
  SecretBytes shared(static_cast<std::size_t>(curve.field_size));
  // The curves have no cofactor, so that the product is never infinity; if it were, it would have no
  // coordinate.
  BN_CTX* scratch = peer.numbers.get();
  if (!factor || !point || !x ||
      EC_POINT_mul(curve.group, point.get(), nullptr, peer.point.get(), factor.get(), scratch) != 1 ||
      EC_POINT_get_affine_coordinates(curve.group, point.get(), x.get(), nullptr, scratch) != 1 ||
      BN_bn2binpad(x.get(), shared.writable().data(), curve.field_size) != curve.field_size) {
    return refused(Error::provider_failure);
  }
  return shared;
}

Bytes raw_public_key(KeyType type, EVP_PKEY* key) {
  Bytes raw(sizes_of(type).public_key);
  std::size_t size = raw.size();
  const int done = is_curve(type) ? EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                                                    raw.data(), size, &size)
                                  : EVP_PKEY_get_raw_public_key(key, raw.data(), &size);
  if (done != 1 || size != raw.size()) raw.clear();
  return raw;
}

SecretBytes raw_private_key(KeyType type, EVP_PKEY* key) {
  SecretBytes raw(sizes_of(type).private_key);
  std::size_t size = raw.size();
  if (is_curve(type)) {
    BIGNUM* scalar = BN_secure_new();
    const int found = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar);
    const SecretBignum owner(scalar);
    if (found != 1 || BN_bn2binpad(scalar, raw.writable().data(), static_cast<int>(size)) < 0) raw.clear();
  } else if (EVP_PKEY_get_raw_private_key(key, raw.writable().data(), &size) != 1 || size != raw.size()) {
    raw.clear();
  }
  return raw;
}

}  // namespace wardline::crypto
