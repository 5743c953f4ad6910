// From a verified commit to the state it leads to, as far as that can be seen without secrets (RFC 9420
// §12.4.2).
#pragma once

#include "lib/mls/public/content_verification.h"
#include "lib/mls/public/proposal_list.h"

namespace wardline::mls {

/// A commit that keeps every public rule, and the state after it. Nothing has happened yet.
struct StagedCommit {
  Bytes from_transcript_hash;  ///< interim transcript hash of the state that the commit follows
  PublicState next;
  Changes changes;
  LeafIndex committer;       ///< in the new tree
  bool is_external = false;  ///< the committer joined by this commit
  bool has_path = false;     ///< the committer's leaf is new
  GroupContext provisional;  ///< §12.4.1: what path secrets are sealed under; only if `has_path`
};

/// Checks the commit's proposals and path and computes the next state. `commit` was verified against `state`.
Result<StagedCommit> stage_commit(const PublicState& state, const VerifiedContent& commit,
                                  const ProposalCache& cache, const Validation& validation);

/// The GroupContext of the epoch after `context`, with the old confirmed transcript hash: the provisional one
/// (§12.4.1).
GroupContext next_context(const GroupContext& context, ProposalOutcome& outcome);

}  // namespace wardline::mls
