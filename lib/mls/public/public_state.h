// What everybody who follows a group knows of it at one epoch. Members keep it next to their secrets; a
// server keeps it alone (public_group.h).
#pragma once

#include <map>

#include "lib/mls/public/framing.h"
#include "lib/mls/public/group_parameters.h"
#include "lib/mls/public/ratchet_tree.h"

namespace wardline::mls {

struct PublicState {
  GroupContext context;
  GroupParameters parameters;  ///< of `context`, parsed
  RatchetTree tree;
  Bytes confirmation_tag;         ///< of the commit that led here
  Bytes interim_transcript_hash;  ///< §8.2, after that commit
  std::optional<ReInit> reinit;   ///< of that commit: the group has ended, and goes on elsewhere (§11.2)

  const Suite& suite() const { return *parameters.suite; }
};

/// A proposal that waits to be committed.
struct PendingProposal {
  Proposal proposal;
  Sender sender;
  bool operator==(const PendingProposal&) const = default;
  WARDLINE_TLS_FIELDS(proposal, sender)
};

/// The verified proposals of one epoch, by reference.
using ProposalCache = std::map<ProposalRef, PendingProposal>;

/// Starts from a GroupInfo and the group's tree. The tree may be inside the GroupInfo (§12.4.3.3); one that
/// is given goes first. Validates everything that the public part of §12.4.3.1 asks for.
Result<PublicState> start_from_group_info(const GroupInfo& info, std::optional<RatchetTreeWire> tree,
                                          const Validation& validation);

/// The state of a group that has just been made (§11): epoch 0, one member. `confirmation_tag` comes from the
/// creator's key schedule. Validates the creator's leaf and the extensions.
Result<PublicState> start_new_group(CipherSuite suite, GroupId group_id, Extensions extensions,
                                    LeafNode creator, const Validation& validation);

/// Whether a GroupInfo that a committer publishes describes this state, so that joiners may be given it:
/// context, tag, signature, and the tree if it is inside.
Result<void> verify_group_info(const PublicState& state, const GroupInfo& info);

}  // namespace wardline::mls
