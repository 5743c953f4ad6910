// Credentials (RFC 9420 §5.3): how a leaf or an external sender says who it is.
#pragma once

#include <variant>
#include <vector>

#include "lib/mls/public/types.h"

namespace wardline::mls {

/// §17.5.
enum class CredentialType : std::uint16_t { basic = 1, x509 = 2 };

struct BasicCredential {
  Bytes identity;
  bool operator==(const BasicCredential&) const = default;
};

struct X509Credential {
  std::vector<Bytes> certificates;  ///< DER; the leaf certificate first (§5.3)
  bool operator==(const X509Credential&) const = default;
};

/// A type that we do not know. Both known types are one vector, and so are those registered since: that is
/// how it is read.
struct UnknownCredential {
  CredentialType type{};
  Bytes data;
  bool operator==(const UnknownCredential&) const = default;
};

struct Credential {
  std::variant<BasicCredential, X509Credential, UnknownCredential> value;

  static Credential basic(Bytes identity) { return {BasicCredential{std::move(identity)}}; }
  static Credential x509(std::vector<Bytes> certificates) {
    return {X509Credential{std::move(certificates)}};
  }
  CredentialType type() const;
  bool operator==(const Credential&) const = default;

  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
};

}  // namespace wardline::mls
