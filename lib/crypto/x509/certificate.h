// X.509 certificates (RFC 5280) as devices, authorities and servers carry them: reading and checking.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/crypto/signature.h"

namespace wardline::crypto {

/// From and until when, both included; microseconds since 1970 UTC. Certificates hold whole seconds.
struct Validity {
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
};

/// A parsed certificate. Cheap to copy (the parsed form is shared and immutable) and safe to use from many
/// threads. Parsing says nothing about trust: `verify_issued_by` does.
class Certificate {
 public:
  /// `bad_certificate` for anything but exactly one certificate in DER.
  static Result<Certificate> parse(ByteView der);

  const Bytes& der() const;
  const std::string& subject()
      const;  ///< as text, most specific part first (RFC 4514): "CN=Ward 3,O=St. Mary"
  const std::string& issuer() const;
  const std::string& common_name() const;       ///< empty if the subject has none
  const Bytes& subject_name() const;            ///< DER of the Name
  const Bytes& subject_key_identifier() const;  ///< empty if there is none
  const Bytes& serial() const;                  ///< big-endian, no leading zeros
  const Validity& validity() const;
  const std::vector<std::string>& uris() const;  ///< of the subject's alternative names, in their order
  bool is_authority() const;                     ///< may sign certificates
  bool is_valid_at(std::int64_t microseconds) const;

  /// The subject's public key, ready to verify with. `unsupported` for key types that no suite has, such as
  /// RSA.
  const Result<VerificationKey>& key() const;

  /// `bad_certificate` unless `authority` signed this certificate, may do so (RFC 5280 §6.1), and both are
  /// valid at `at` (microseconds since 1970 UTC). `authority` is taken as the trust anchor, be it self-signed
  /// or not. Revocation is the directory's business.
  Result<void> verify_issued_by(const Certificate& authority, std::int64_t at) const;

 private:
  struct Parsed;
  explicit Certificate(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
  std::shared_ptr<const Parsed> parsed_;  // Shared: copies of a tree and of a roster share what was parsed.
};

}  // namespace wardline::crypto
