// What describes a group at one epoch: the GroupContext that members agree on (RFC 9420 §8.1) and the signed
// GroupInfo that joiners start from (§12.4.3).
#pragma once

#include "lib/mls/public/ratchet_tree_wire.h"

namespace wardline::mls {

struct GroupContext {
  ProtocolVersion version = ProtocolVersion::mls10;
  CipherSuite cipher_suite{};
  GroupId group_id;
  Epoch epoch = 0;
  Bytes tree_hash;
  Bytes confirmed_transcript_hash;
  Extensions extensions;
  bool operator==(const GroupContext&) const = default;
  WARDLINE_TLS_FIELDS(version, cipher_suite, group_id, epoch, tree_hash, confirmed_transcript_hash,
                      extensions)
};

struct GroupInfo {
  GroupContext group_context;
  Extensions extensions;
  Bytes confirmation_tag;
  LeafIndex signer;
  Bytes signature;
  bool operator==(const GroupInfo&) const = default;
  WARDLINE_TLS_FIELDS(group_context, extensions, confirmation_tag, signer, signature)

  /// §12.4.3 GroupInfoTBS.
  Bytes to_be_signed() const;
};

inline constexpr std::string_view kGroupInfoLabel = "GroupInfoTBS";

}  // namespace wardline::mls
