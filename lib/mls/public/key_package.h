// Key packages (RFC 9420 §10): how a device is added while it is away.
#pragma once

#include "lib/mls/public/leaf_node.h"

namespace wardline::mls {

struct KeyPackage {
  ProtocolVersion version = ProtocolVersion::mls10;
  CipherSuite cipher_suite{};
  HpkePublicKey init_key;
  LeafNode leaf_node;
  Extensions extensions;
  Bytes signature;
  bool operator==(const KeyPackage&) const = default;
  WARDLINE_TLS_FIELDS(version, cipher_suite, init_key, leaf_node, extensions, signature)

  /// §10 KeyPackageTBS.
  Bytes to_be_signed() const;
  /// §5.2 MakeKeyPackageRef.
  KeyPackageRef reference(const Suite& suite) const;
};

inline constexpr std::string_view kKeyPackageLabel = "KeyPackageTBS";

}  // namespace wardline::mls
