// Proposal lists: which are valid (RFC 9420 §12.1, §12.2), and what they make of the tree and the
// GroupContext (§12.3). Used by whoever makes a commit and by whoever receives one.
#pragma once

#include <span>

#include "lib/crypto/signature.h"
#include "lib/mls/public/commit.h"
#include "lib/mls/public/content_verification.h"
#include "lib/mls/public/public_state.h"

namespace wardline::mls {

/// A proposal of a commit with the one who proposed it. Points into the commit or the cache, which must
/// outlive it.
struct ListedProposal {
  const Proposal* proposal = nullptr;
  Sender sender;
  bool by_reference = false;
};

/// A leaf that a commit changed.
struct MemberChange {
  LeafIndex leaf;
  LeafNode node;  ///< the new one; for a removal the one that is gone
  bool operator==(const MemberChange&) const = default;
};

/// What the proposals of a commit do.
struct Changes {
  std::vector<MemberChange> added;    ///< in the order of the Add proposals
  std::vector<MemberChange> updated;  ///< by Update proposals; the committer's new leaf is not among them
  std::vector<MemberChange> removed;
  std::vector<PreSharedKeyId> psks;  ///< in the order of the proposals
  std::optional<ReInit> reinit;
  std::optional<ExternalInit> external_init;
  bool context_extensions = false;  ///< whether the GroupContext's extensions were replaced

  /// Ascending: what resolutions leave out when path secrets are sealed (§7.6).
  std::vector<LeafIndex> added_leaves() const;
};

/// State after the proposals and before the path.
struct ProposalOutcome {
  RatchetTree tree;
  Extensions extensions;
  GroupParameters parameters;
  Changes changes;
};

/// Finds the proposals that a commit covers. `committer` is the sender of those by value.
Result<std::vector<ListedProposal>> list_proposals(const Commit& commit, const Sender& committer,
                                                   const ProposalCache& cache, const Limits& limits);

/// Judges one proposal by itself as it would be for the next commit (§12.1): for when it arrives.
Result<void> validate_proposal(const PublicState& state, const Proposal& proposal, const Sender& sender,
                               const Validation& validation);

/// Keeps a verified proposal in `cache` for the commit that will refer to it, if it is valid by itself.
/// `content` holds a proposal of the epoch of `state`. The same proposal again changes nothing.
Result<ProposalRef> cache_proposal(ProposalCache& cache, const PublicState& state,
                                   const VerifiedContent& content, const Validation& validation);

/// Judges the list for a commit by `committer`, a member or new_member_commit, and applies it in the order of
/// §12.3. What must hold between the leaves afterwards is left to `check_outcome`, after the path.
Result<ProposalOutcome> apply_proposals(const PublicState& state, std::span<const ListedProposal> list,
                                        const Sender& committer, const Validation& validation);

/// §12.2, last rule for regular commits: after the commit the tree is valid. `path` are the nodes that the
/// commit's path set, the committer's leaf among them; empty if it has none.
Result<void> check_outcome(const ProposalOutcome& outcome, std::span<const NodeIndex> path);

/// §12.4: whether a commit of this list must carry a path.
bool is_path_required(std::span<const ListedProposal> list);

}  // namespace wardline::mls
