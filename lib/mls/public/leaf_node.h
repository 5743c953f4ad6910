// Leaf nodes (RFC 9420 §7.2): one device's keys, credential and capabilities.
#pragma once

#include "lib/mls/public/extension.h"

namespace wardline::mls {

/// What a client can do (§7.2). Values that we do not know, GREASE among them (§13.5), are kept as they are.
struct Capabilities {
  std::vector<ProtocolVersion> versions;
  std::vector<CipherSuite> cipher_suites;
  std::vector<ExtensionType> extensions;  ///< beyond the default ones of §17.3
  std::vector<ProposalType> proposals;    ///< beyond the default ones of §17.4
  std::vector<CredentialType> credentials;

  /// §7.2: the defaults of RFC 9420 itself count as supported without being listed.
  bool supports(ExtensionType type) const;
  bool supports(ProposalType type) const;
  bool supports(CredentialType type) const;
  bool supports(ProtocolVersion version) const;
  bool supports(CipherSuite suite) const;
  /// Whether everything that `required` names is supported.
  bool satisfies(const RequiredCapabilities& required) const;

  bool operator==(const Capabilities&) const = default;
  WARDLINE_TLS_FIELDS(versions, cipher_suites, extensions, proposals, credentials)
};

/// Seconds since 1970 (§7.2).
struct Lifetime {
  std::uint64_t not_before = 0;
  std::uint64_t not_after = 0;
  bool operator==(const Lifetime&) const = default;
  WARDLINE_TLS_FIELDS(not_before, not_after)
};

enum class LeafNodeSource : std::uint8_t { key_package = 1, update = 2, commit = 3 };

struct LeafNode {
  HpkePublicKey encryption_key;
  SignaturePublicKey signature_key;
  Credential credential;
  Capabilities capabilities;
  LeafNodeSource source = LeafNodeSource::key_package;
  Lifetime lifetime;  ///< on the wire only if `source` is key_package
  Bytes parent_hash;  ///< on the wire only if `source` is commit
  Extensions extensions;
  Bytes signature;

  /// What is not on the wire for this source does not count.
  bool operator==(const LeafNode& other) const;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
  /// Everything but the signature.
  void write_unsigned(tls::Writer& out) const;

  /// §7.2 LeafNodeTBS. Group and leaf index enter only if the source is update or commit.
  Bytes to_be_signed(ByteView group_id, LeafIndex index) const;
};

inline constexpr std::string_view kLeafNodeLabel = "LeafNodeTBS";

}  // namespace wardline::mls
