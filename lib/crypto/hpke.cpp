#include "lib/crypto/hpke.h"

#include <array>

#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"

namespace wardline::crypto {
namespace {

template <std::size_t N>
using Fixed = std::array<std::uint8_t, N>;

constexpr std::uint8_t high(std::size_t value) { return static_cast<std::uint8_t>(value >> 8); }
constexpr std::uint8_t low(std::size_t value) { return static_cast<std::uint8_t>(value); }

/// RFC 9180 §4: the labelled forms of HKDF, bound to one suite id.
struct LabeledKdf {
  HashAlgorithm hash;
  ByteView suite_id;

  SecretBytes extract(ByteView salt, std::string_view label, ByteView input_key_material) const {
    return hkdf_extract(hash, salt, {as_bytes("HPKE-v1"), suite_id, as_bytes(label), input_key_material});
  }
  Result<SecretBytes> expand(ByteView key, std::string_view label, ByteView info, std::size_t length) const {
    if (length > 0xffff) return std::unexpected(Error::bad_length);
    const Fixed<2> size = {high(length), low(length)};
    return hkdf_expand(hash, key, {size, as_bytes("HPKE-v1"), suite_id, as_bytes(label), info}, length);
  }
};

/// RFC 9180 §7.1, Table 2: each KEM has its own KDF, whatever the suite's.
HashAlgorithm kem_hash(KemAlgorithm kem) {
  switch (kem) {
    case KemAlgorithm::p256:
    case KemAlgorithm::x25519:
      return HashAlgorithm::sha256;
    case KemAlgorithm::p384:
      return HashAlgorithm::sha384;
    case KemAlgorithm::p521:
    case KemAlgorithm::x448:
      break;
  }
  return HashAlgorithm::sha512;
}

// RFC 9180 §4.1: suite_id = concat("KEM", I2OSP(kem_id, 2)).
Fixed<5> kem_suite_id(KemAlgorithm kem) {
  const auto id = static_cast<std::uint16_t>(kem);
  return {'K', 'E', 'M', high(id), low(id)};
}

// RFC 9180 §5.1: suite_id = concat("HPKE", I2OSP(kem_id, 2), I2OSP(kdf_id, 2), I2OSP(aead_id, 2)).
Fixed<10> hpke_suite_id(const Suite& suite) {
  const auto kem = static_cast<std::uint16_t>(suite.kem);
  const auto aead = static_cast<std::uint16_t>(suite.aead);
  return {'H',        'P',      'K', 'E', high(kem), low(kem), high(suite.hpke_kdf), low(suite.hpke_kdf),
          high(aead), low(aead)};
}

/// RFC 9180 §4.1 ExtractAndExpand over kem_context = enc || pkRm. Nsecret is the size of the KEM's hash.
Result<SecretBytes> kem_shared_secret(KemAlgorithm kem, const SecretBytes& agreed, ByteView kem_output,
                                      ByteView recipient) {
  const Fixed<5> id = kem_suite_id(kem);
  const LabeledKdf kdf{kem_hash(kem), id};
  const SecretBytes key = kdf.extract({}, "eae_prk", agreed.view());
  return kdf.expand(key.view(), "shared_secret", concat(kem_output, recipient), size_of(kdf.hash));
}

struct Encapsulated {
  Bytes kem_output;
  SecretBytes shared_secret;
};

/// RFC 9180 §4.1 Encap.
Result<Encapsulated> encapsulate(KemAlgorithm kem, ByteView public_key) {
  auto ephemeral = DhPrivateKey::generate(kem);
  if (!ephemeral) return std::unexpected(ephemeral.error());
  const auto agreed = ephemeral->agree(public_key);
  if (!agreed) return std::unexpected(agreed.error());
  auto shared_secret = kem_shared_secret(kem, *agreed, ephemeral->public_key(), public_key);
  if (!shared_secret) return std::unexpected(shared_secret.error());
  return Encapsulated{ephemeral->public_key(), std::move(*shared_secret)};
}

/// RFC 9180 §4.1 Decap.
Result<SecretBytes> decapsulate(KemAlgorithm kem, const DhPrivateKey& key, ByteView kem_output) {
  const auto agreed = key.agree(kem_output);
  if (!agreed) return std::unexpected(agreed.error());
  return kem_shared_secret(kem, *agreed, kem_output, key.public_key());
}

/// RFC 9180 §5.1: key_schedule_context in base mode.
Bytes key_schedule_context(const Suite& suite, ByteView info) {
  const Fixed<10> id = hpke_suite_id(suite);
  const LabeledKdf kdf{suite.hash, id};
  const SecretBytes psk_id_hash = kdf.extract({}, "psk_id_hash", {});
  const SecretBytes info_hash = kdf.extract({}, "info_hash", info);
  constexpr Fixed<1> mode_base = {0};
  return concat(mode_base, psk_id_hash.view(), info_hash.view());
}

/// RFC 9180 §5.1 KeySchedule in base mode, deriving only what is asked for. `context` must outlive it.
class KeySchedule {
 public:
  KeySchedule(const Suite& suite, const SecretBytes& shared_secret, ByteView context)
      : suite_(suite), id_(hpke_suite_id(suite)), kdf_{suite.hash, id_}, context_(context) {
    secret_ = kdf_.extract(shared_secret.view(), "secret", {});
  }
  KeySchedule(const KeySchedule&) = delete;
  KeySchedule& operator=(const KeySchedule&) = delete;

  Result<SecretBytes> key() const { return kdf_.expand(secret_.view(), "key", context_, suite_.key_size); }
  /// The nonce of sequence number 0, the only one that single-shot encryption uses.
  Result<SecretBytes> nonce() const {
    return kdf_.expand(secret_.view(), "base_nonce", context_, suite_.nonce_size);
  }
  /// RFC 9180 §5.3.
  Result<SecretBytes> exported(ByteView exporter_context, std::size_t length) const {
    const auto exporter_secret = kdf_.expand(secret_.view(), "exp", context_, suite_.hash_size);
    if (!exporter_secret) return std::unexpected(exporter_secret.error());
    return kdf_.expand(exporter_secret->view(), "sec", exporter_context, length);
  }

 private:
  const Suite& suite_;
  Fixed<10> id_;
  LabeledKdf kdf_;
  ByteView context_;
  SecretBytes secret_;
};

bool is_montgomery(KemAlgorithm kem) { return kem == KemAlgorithm::x25519 || kem == KemAlgorithm::x448; }

}  // namespace

Result<HpkePrivateKey> HpkePrivateKey::generate(const Suite& suite) {
  auto key = DhPrivateKey::generate(suite.kem);
  if (!key) return std::unexpected(key.error());
  return HpkePrivateKey(std::move(*key));
}

Result<HpkePrivateKey> HpkePrivateKey::from_raw(const Suite& suite, ByteView raw) {
  auto key = DhPrivateKey::from_raw(suite.kem, raw);
  if (!key) return std::unexpected(key.error());
  return HpkePrivateKey(std::move(*key));
}

Result<HpkePrivateKey> HpkePrivateKey::derive(const Suite& suite, ByteView input_key_material) {
  const Fixed<5> id = kem_suite_id(suite.kem);
  const LabeledKdf kdf{kem_hash(suite.kem), id};
  const SecretBytes prk = kdf.extract({}, "dkp_prk", input_key_material);
  if (is_montgomery(suite.kem)) {
    const auto raw = kdf.expand(prk.view(), "sk", {}, suite.kem_private_size);
    if (!raw) return std::unexpected(raw.error());
    return from_raw(suite, raw->view());
  }
  // RFC 9180 §7.1.3: candidates are drawn until one lies in [1, n).
  const std::uint8_t bitmask = suite.kem == KemAlgorithm::p521 ? 0x01 : 0xff;
  for (unsigned counter = 0; counter < 256; ++counter) {
    auto candidate = kdf.expand(prk.view(), "candidate", Fixed<1>{low(counter)}, suite.kem_private_size);
    if (!candidate) return std::unexpected(candidate.error());
    candidate->writable()[0] &= bitmask;
    auto key = from_raw(suite, candidate->view());
    if (key || key.error() != Error::bad_key) return key;
  }
  return std::unexpected(Error::bad_key);
}

bool is_valid_hpke_public_key(const Suite& suite, ByteView raw) {
  return is_valid_dh_public_key(suite.kem, raw);
}

HpkeSealer::HpkeSealer(const Suite& suite, ByteView info)
    : suite_(suite), key_schedule_context_(key_schedule_context(suite, info)) {}

Result<HpkeCiphertext> HpkeSealer::seal(ByteView public_key, ByteView associated_data,
                                        ByteView plaintext) const {
  auto encapsulated = encapsulate(suite_.kem, public_key);
  if (!encapsulated) return std::unexpected(encapsulated.error());
  const KeySchedule schedule(suite_, encapsulated->shared_secret, key_schedule_context_);
  const auto key = schedule.key();
  const auto nonce = schedule.nonce();
  if (!key || !nonce) return std::unexpected(Error::provider_failure);
  auto ciphertext = aead_seal(suite_.aead, key->view(), nonce->view(), associated_data, plaintext);
  if (!ciphertext) return std::unexpected(ciphertext.error());
  return HpkeCiphertext{std::move(encapsulated->kem_output), std::move(*ciphertext)};
}

Result<HpkeCiphertext> hpke_seal(const Suite& suite, ByteView public_key, ByteView info,
                                 ByteView associated_data, ByteView plaintext) {
  return HpkeSealer(suite, info).seal(public_key, associated_data, plaintext);
}

Result<SecretBytes> hpke_open(const Suite& suite, const HpkePrivateKey& key, ByteView kem_output,
                              ByteView info, ByteView associated_data, ByteView ciphertext) {
  const auto shared_secret = decapsulate(suite.kem, key.diffie_hellman(), kem_output);
  if (!shared_secret) return std::unexpected(shared_secret.error());
  const Bytes context = key_schedule_context(suite, info);
  const KeySchedule schedule(suite, *shared_secret, context);
  const auto content_key = schedule.key();
  const auto nonce = schedule.nonce();
  if (!content_key || !nonce) return std::unexpected(Error::provider_failure);
  return aead_open(suite.aead, content_key->view(), nonce->view(), associated_data, ciphertext);
}

Result<HpkeExported> hpke_send_export(const Suite& suite, ByteView public_key, ByteView info,
                                      ByteView exporter_context, std::size_t length) {
  auto encapsulated = encapsulate(suite.kem, public_key);
  if (!encapsulated) return std::unexpected(encapsulated.error());
  const Bytes context = key_schedule_context(suite, info);
  auto secret = KeySchedule(suite, encapsulated->shared_secret, context).exported(exporter_context, length);
  if (!secret) return std::unexpected(secret.error());
  return HpkeExported{std::move(encapsulated->kem_output), std::move(*secret)};
}

Result<SecretBytes> hpke_receive_export(const Suite& suite, const HpkePrivateKey& key, ByteView kem_output,
                                        ByteView info, ByteView exporter_context, std::size_t length) {
  const auto shared_secret = decapsulate(suite.kem, key.diffie_hellman(), kem_output);
  if (!shared_secret) return std::unexpected(shared_secret.error());
  const Bytes context = key_schedule_context(suite, info);
  return KeySchedule(suite, *shared_secret, context).exported(exporter_context, length);
}

}  // namespace wardline::crypto
