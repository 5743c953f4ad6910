#include "lib/mls/member/commit_selection.h"

#include <algorithm>
#include <set>
#include <utility>

namespace wardline::mls {
namespace {

/// What the proposals taken so far rule out.
class Taken {
 public:
  Taken(const PublicState& state, LeafIndex own) : state_(state), own_(own) {}

  /// Takes a proposal of `sender` if RFC 9420 §12.2 lets it stand beside those taken before.
  bool take(const Proposal& proposal, const Sender& sender) {
    return std::visit(
        Match{
            [&](const Add& add) { return take_add(add.key_package.leaf_node.signature_key); },
            [&](const Update&) { return sender.leaf() != own_ && leaves_.insert(sender.leaf()).second; },
            [&](const Remove& remove) { return remove.removed != own_ && take_remove(remove.removed); },
            [&](const PreSharedKey& psk) { return psks_.insert(tls::encode(psk.psk)).second; },
            [&](const GroupContextExtensions&) { return !std::exchange(extensions_, true); },
            [&](const ReInit&) { return false; },  // It stands alone: see select_proposals.
            [&](const ExternalInit&) { return false; },
        },
        proposal.value);
  }

 private:
  bool take_add(const SignaturePublicKey& key) {
    const auto member = state_.tree.find_member(key);
    if (member && !removed_.contains(*member)) return false;
    return added_.insert(key).second;
  }
  bool take_remove(LeafIndex leaf) {
    if (!leaves_.insert(leaf).second) return false;
    removed_.insert(leaf);
    return true;
  }

  const PublicState& state_;
  LeafIndex own_;
  std::set<LeafIndex> leaves_;
  std::set<LeafIndex> removed_;
  std::set<SignaturePublicKey> added_;
  std::set<Bytes> psks_;
  bool extensions_ = false;
};

void push(Selection& selection, const Proposal& proposal, const Sender& sender,
          const ProposalRef* reference) {
  selection.list.push_back({&proposal, sender, reference != nullptr});
  selection.proposals.push_back(reference ? ProposalOrRef{*reference} : ProposalOrRef{proposal});
  if (const Add* add = proposal.as<Add>()) selection.added.push_back(&add->key_package);
}

/// Whether the same member is still at `leaf`.
bool is_same_member(LeafIndex leaf, const RatchetTree& before, const RatchetTree& after) {
  const LeafNode* old_leaf = before.leaf(leaf);
  const LeafNode* new_leaf = after.leaf(leaf);
  return old_leaf && new_leaf &&
         (old_leaf->signature_key == new_leaf->signature_key || old_leaf->credential == new_leaf->credential);
}

}  // namespace

Selection select_proposals(const CommitRequest& request, const PublicState& state, const ProposalCache& cache,
                           std::span<const ProposalRef> arrival, LeafIndex own) {
  Selection selection;
  Taken taken(state, own);
  for (const Proposal& proposal : request.proposals) {
    taken.take(proposal, Sender::member(own));
    push(selection, proposal, Sender::member(own), nullptr);
  }
  if (!request.with_cached) return selection;
  // RFC 9420 §12.2: a Remove goes before an Update, and the newest before the older: so Removes first, each
  // from the newest.
  for (const bool removes : {true, false}) {
    for (std::size_t i = arrival.size(); i-- > 0;) {
      const auto found = cache.find(arrival[i]);
      const bool is_remove = found->second.proposal.type() == ProposalType::remove;
      if (is_remove != removes || !taken.take(found->second.proposal, found->second.sender)) continue;
      push(selection, found->second.proposal, found->second.sender, &found->first);
    }
  }
  if (!selection.list.empty()) return selection;
  // RFC 9420 §12.1.5, §12.2: a ReInit is for when there is nothing else.
  for (const ProposalRef& reference : arrival) {
    const auto found = cache.find(reference);
    if (found->second.proposal.type() != ProposalType::reinit) continue;
    push(selection, found->second.proposal, found->second.sender, &found->first);
    break;
  }
  return selection;
}

CommitRequest what_is_left(CommitRequest request, const RatchetTree& before, const RatchetTree& after) {
  std::erase_if(request.proposals, [&](const Proposal& proposal) {
    if (const Add* add = proposal.as<Add>()) {
      return after.find_member(add->key_package.leaf_node.signature_key).has_value();
    }
    if (const Remove* remove = proposal.as<Remove>()) return !is_same_member(remove->removed, before, after);
    return false;
  });
  return request;
}

}  // namespace wardline::mls
