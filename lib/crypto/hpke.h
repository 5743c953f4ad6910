// Hybrid public key encryption in base mode (RFC 9180), as MLS uses it (RFC 9420 §5.1).
#pragma once

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/diffie_hellman.h"
#include "lib/crypto/error.h"
#include "lib/crypto/suite.h"

namespace wardline::crypto {

/// A KEM private key in memory, parsed once, with its public half. Wipes itself.
class HpkePrivateKey {
 public:
  static Result<HpkePrivateKey> generate(const Suite& suite);
  /// RFC 9180 §7.1.3 DeriveKeyPair.
  static Result<HpkePrivateKey> derive(const Suite& suite, ByteView input_key_material);
  /// RFC 9180 §7.1.2 DeserializePrivateKey.
  static Result<HpkePrivateKey> from_raw(const Suite& suite, ByteView raw);

  HpkePrivateKey copy() const { return HpkePrivateKey(key_.copy()); }
  const Bytes& public_key() const {
    return key_.public_key();
  }  ///< RFC 9180 SerializePublicKey: uncompressed
  SecretBytes to_raw() const { return key_.to_raw(); }
  const DhPrivateKey& diffie_hellman() const { return key_; }

 private:
  explicit HpkePrivateKey(DhPrivateKey key) : key_(std::move(key)) {}
  DhPrivateKey key_;
};

/// Whether `raw` is a well-formed public key of the suite's KEM (RFC 9180 §7.1.4; uncompressed only).
bool is_valid_hpke_public_key(const Suite& suite, ByteView raw);

struct HpkeCiphertext {
  Bytes kem_output;  ///< enc
  Bytes ciphertext;
};

/// RFC 9180 §6.1 single-shot Seal, base mode, to any number of recipients: what depends on `info` alone is
/// computed once. The info of a Welcome (RFC 9420 §12.4.3.1) is as long as the group is large, and has as
/// many recipients.
class HpkeSealer {
 public:
  HpkeSealer(const Suite& suite, ByteView info);
  Result<HpkeCiphertext> seal(ByteView public_key, ByteView associated_data, ByteView plaintext) const;

 private:
  const Suite& suite_;
  Bytes key_schedule_context_;
};

/// RFC 9180 §6.1 single-shot Seal and Open, base mode.
Result<HpkeCiphertext> hpke_seal(const Suite& suite, ByteView public_key, ByteView info,
                                 ByteView associated_data, ByteView plaintext);
Result<SecretBytes> hpke_open(const Suite& suite, const HpkePrivateKey& key, ByteView kem_output,
                              ByteView info, ByteView associated_data, ByteView ciphertext);

/// RFC 9180 §6.2 single-shot secret export, base mode (RFC 9420 §8.3 uses it for external commits).
struct HpkeExported {
  Bytes kem_output;
  SecretBytes secret;
};
Result<HpkeExported> hpke_send_export(const Suite& suite, ByteView public_key, ByteView info,
                                      ByteView exporter_context, std::size_t length);
Result<SecretBytes> hpke_receive_export(const Suite& suite, const HpkePrivateKey& key, ByteView kem_output,
                                        ByteView info, ByteView exporter_context, std::size_t length);

}  // namespace wardline::crypto
