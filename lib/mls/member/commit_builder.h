// Making a commit (RFC 9420 §12.4.1): from a list of proposals to the signed content and the epoch it leads
// to. Members' commits and external commits are made alike.
#pragma once

#include "lib/mls/member/key_package_bundle.h"
#include "lib/mls/member/member_state.h"
#include "lib/mls/member/own_path.h"
#include "lib/mls/public/staged_commit.h"

namespace wardline::mls {

/// Where the PSKs of a commit come from: see `find_psks`.
struct PskSources {
  KnownPsks known;
  const PskStore* store = nullptr;
};

struct CommitDraft {
  const PublicState& before;
  ByteView init_secret;
  Sender sender;
  const PrivateTree* private_tree;  ///< the member's keys before the commit; nullptr for an external joiner
  std::vector<ListedProposal> list;
  std::vector<ProposalOrRef> proposals;  ///< the same list as it stands in the commit
  std::optional<PreSharedKeyId>
      continuation_psk;  ///< of usage reinit or branch, in the first commit of such a group
  bool with_path = true;
  std::optional<LeafNode> leaf;  ///< what the committer's leaf says from now on; only with a path
  WireFormat wire_format = WireFormat::public_message;
  Bytes authenticated_data;
};

struct BuiltCommit {
  AuthenticatedContent content;  ///< signed, with its confirmation tag
  MemberState next;
  Changes changes;
  EpochEntry entry;  ///< for the Welcome
  std::vector<PreSharedKeyId> psks;
  std::optional<OwnPath> path;
};

Result<BuiltCommit> build_commit(CommitDraft draft, const crypto::Signer& signer,
                                 const PskSources& psk_sources, const Validation& validation);

/// §12.4.3: what joiners start from, signed. `with_tree` puts the tree inside; `with_external_pub` lets
/// others join by external commit.
struct GroupInfoContent {
  bool with_tree = false;
  bool with_external_pub = true;
};
Result<GroupInfo> make_group_info(const MemberState& state, const crypto::Signer& signer,
                                  GroupInfoContent content);

/// §12.4.3.1: the Welcome for those whom `built` added by the Adds of `list`.
Result<Welcome> make_welcome(const BuiltCommit& built, std::span<const KeyPackage* const> added,
                             const GroupInfo& info);

}  // namespace wardline::mls
