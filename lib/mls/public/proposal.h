// Proposals (RFC 9420 §12.1): the changes that a commit makes.
#pragma once

#include <variant>

#include "lib/mls/public/key_package.h"

namespace wardline::mls {

struct Add {
  static constexpr ProposalType kType = ProposalType::add;
  KeyPackage key_package;
  bool operator==(const Add&) const = default;
  WARDLINE_TLS_FIELDS(key_package)
};

struct Update {
  static constexpr ProposalType kType = ProposalType::update;
  LeafNode leaf_node;
  bool operator==(const Update&) const = default;
  WARDLINE_TLS_FIELDS(leaf_node)
};

struct Remove {
  static constexpr ProposalType kType = ProposalType::remove;
  LeafIndex removed;
  bool operator==(const Remove&) const = default;
  WARDLINE_TLS_FIELDS(removed)
};

/// §8.4.
enum class ResumptionPskUsage : std::uint8_t { application = 1, reinit = 2, branch = 3 };

struct ExternalPskId {
  Bytes psk_id;
  bool operator==(const ExternalPskId&) const = default;
  WARDLINE_TLS_FIELDS(psk_id)
};

struct ResumptionPskId {
  ResumptionPskUsage usage = ResumptionPskUsage::application;
  GroupId psk_group_id;
  Epoch psk_epoch = 0;
  bool operator==(const ResumptionPskId&) const = default;
  WARDLINE_TLS_FIELDS(usage, psk_group_id, psk_epoch)
};

/// §8.4.
struct PreSharedKeyId {
  std::variant<ExternalPskId, ResumptionPskId> key;
  Bytes psk_nonce;
  bool operator==(const PreSharedKeyId&) const = default;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
};

struct PreSharedKey {
  static constexpr ProposalType kType = ProposalType::psk;
  PreSharedKeyId psk;
  bool operator==(const PreSharedKey&) const = default;
  WARDLINE_TLS_FIELDS(psk)
};

struct ReInit {
  static constexpr ProposalType kType = ProposalType::reinit;
  GroupId group_id;
  ProtocolVersion version = ProtocolVersion::mls10;
  CipherSuite cipher_suite{};
  Extensions extensions;
  bool operator==(const ReInit&) const = default;
  WARDLINE_TLS_FIELDS(group_id, version, cipher_suite, extensions)
};

struct ExternalInit {
  static constexpr ProposalType kType = ProposalType::external_init;
  Bytes kem_output;
  bool operator==(const ExternalInit&) const = default;
  WARDLINE_TLS_FIELDS(kem_output)
};

struct GroupContextExtensions {
  static constexpr ProposalType kType = ProposalType::group_context_extensions;
  Extensions extensions;
  bool operator==(const GroupContextExtensions&) const = default;
  WARDLINE_TLS_FIELDS(extensions)
};

/// A proposal of a type that we do not know cannot be read: it carries no length. Decoding it is
/// `invalid_value`.
struct Proposal {
  std::variant<Add, Update, Remove, PreSharedKey, ReInit, ExternalInit, GroupContextExtensions> value;

  ProposalType type() const;
  /// The content if it is of type `T`, else nullptr.
  template <class T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
  bool operator==(const Proposal&) const = default;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
};

}  // namespace wardline::mls
