// Which of the proposals that wait a commit covers, where they contradict each other (RFC 9420 §12.2), and
// what is left of a request after another commit has won.
#pragma once

#include "lib/mls/member/group.h"

namespace wardline::mls {

/// Points into the request and the cache.
struct Selection {
  std::vector<ListedProposal> list;
  std::vector<ProposalOrRef> proposals;
  std::vector<const KeyPackage*> added;
};

/// The request's own proposals as they are, and those of the cache that go with them: a Remove before an
/// Update, the newer before the older, nothing by which `own` would update or remove itself.
Selection select_proposals(const CommitRequest& request, const PublicState& state, const ProposalCache& cache,
                           std::span<const ProposalRef> arrival, LeafIndex own);

/// The part of `request`, made when the tree was `before`, that still has a meaning `after` another commit.
CommitRequest what_is_left(CommitRequest request, const RatchetTree& before, const RatchetTree& after);

}  // namespace wardline::mls
