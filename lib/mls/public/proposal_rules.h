// The rules for single proposals (RFC 9420 §12.1) and for what may stand together in a commit (§12.2).
#pragma once

#include "lib/mls/public/proposal_list.h"

namespace wardline::mls {

struct ProposalContext {
  const PublicState& state;           ///< before the commit
  const GroupParameters& parameters;  ///< with the extensions that the commit sets
  const Validation& validation;
};

/// §12.1. Gives the parsed signature key of the leaf that an Update brings.
Result<std::optional<crypto::VerificationKey>> check_proposal(const ProposalContext& context,
                                                              const Proposal& proposal, const Sender& sender);

/// §12.2, the rules that need no look at the group.
Result<void> check_list(std::span<const ListedProposal> list, const Sender& committer);

}  // namespace wardline::mls
