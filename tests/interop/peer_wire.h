// What a peer gives: the other side is web/tests/interop/peer.ts.
#pragma once

#include "lib/mls/member/group.h"

namespace wardline::interop {

struct NewMember {
  std::uint32_t member = 0;
  Bytes public_key;
  WARDLINE_TLS_FIELDS(member, public_key)
};

struct Bundle {
  Bytes commit;
  std::optional<Bytes> welcome;
  Bytes group_info;
  WARDLINE_TLS_FIELDS(commit, welcome, group_info)
};

enum class EventKind : std::uint8_t { application = 1, proposal = 2, commit = 3, own_commit = 4 };

/// What came of a message. A commit has been merged.
struct Received {
  EventKind kind = EventKind::application;
  std::uint64_t epoch = 0;
  std::uint32_t sender = 0;
  Bytes data = {};
  Bytes authenticated_data = {};
  std::uint8_t removed_self = 0;
  WARDLINE_TLS_FIELDS(kind, epoch, sender, data, authenticated_data, removed_self)
};

struct SeenMember {
  std::uint32_t leaf = 0;
  Bytes signature_key;
  WARDLINE_TLS_FIELDS(leaf, signature_key)
};

/// What members of one epoch must agree on, and who they are.
struct View {
  std::uint64_t epoch = 0;
  std::uint32_t own_leaf = 0;
  Bytes tree_hash;
  Bytes confirmed_transcript_hash;
  Bytes epoch_authenticator;
  Bytes exported;
  std::vector<SeenMember> members;
  WARDLINE_TLS_FIELDS(epoch, own_leaf, tree_hash, confirmed_transcript_hash, epoch_authenticator, exported,
                      members)
};

/// A group as a delivery service sees it.
struct FollowedGroup {
  std::uint64_t epoch = 0;
  Bytes tree_hash;
  Bytes confirmed_transcript_hash;
  Bytes ratchet_tree;
  WARDLINE_TLS_FIELDS(epoch, tree_hash, confirmed_transcript_hash, ratchet_tree)
};

/// `exported` is the exporter (RFC 9420 §8.5) for a label and context that every runner uses.
mls::Result<View> view_of(const mls::Group& group);

}  // namespace wardline::interop
