#include "lib/mls/member/group.h"

#include <utility>

#include "lib/crypto/random.h"
#include "lib/mls/member/commit_selection.h"
#include "lib/mls/member/group_pending.h"

namespace wardline::mls {

Group::Group(MemberState state, GroupConfig config) : state_(std::move(state)), config_(config) {}
Group::Group(Group&&) noexcept = default;
Group& Group::operator=(Group&&) noexcept = default;
Group::~Group() = default;

Result<Group> Group::create(NewGroup parameters, const crypto::Signer& signer,
                            const Environment& environment) {
  const Suite& suite = parameters.suite;
  if (signer.algorithm() != suite.signature) return broken(Rule::signer_matches_suite);
  auto leaf_key = crypto::HpkePrivateKey::generate(suite);
  if (!leaf_key) return broken(Rule::provider_available);
  LeafNode leaf = make_leaf(parameters.leaf, *leaf_key, signer);
  leaf.lifetime = parameters.lifetime;
  WARDLINE_MLS_TRY(sign_leaf(leaf, signer, {}, {}));
  auto group = start_new_group(suite.id, std::move(parameters.group_id), std::move(parameters.extensions),
                               std::move(leaf), environment.validation);
  if (!group) return std::unexpected(group.error());
  // RFC 9420 §11: the first epoch secret is random.
  const SecretBytes epoch_secret = crypto::random_secret(suite.hash_size);
  return Group(begin_epoch(std::move(*group), PrivateTree({0}, std::move(*leaf_key)),
                           derive_epoch_secrets(suite, epoch_secret.view())),
               parameters.config);
}

Result<void> Group::check_can_send(const crypto::Signer& signer) const {
  if (removed_) return broken(Rule::still_member);
  // RFC 9420 §11.2: a group that has been reinitialised is used no more.
  if (state_.group.reinit) return broken(Rule::group_not_reinitialised);
  return require(signer.public_key() == state_.own_leaf().signature_key, Rule::signer_matches_leaf);
}

// RFC 9420 §8.6: resumption PSKs of this group's own epochs.
std::optional<SecretBytes> Group::own_resumption_psk(const PreSharedKeyId& id) const {
  const auto* resumption = std::get_if<ResumptionPskId>(&id.key);
  if (!resumption || resumption->psk_group_id != group_id()) return std::nullopt;
  if (resumption->psk_epoch == epoch()) return state_.secrets.resumption_psk.copy();
  const auto past = resumption_.find(resumption->psk_epoch);
  return past == resumption_.end() ? std::nullopt : std::optional(past->second.copy());
}

void Group::enter(MemberState next) {
  if (config_.kept_resumption_psks > 0) {
    resumption_.emplace(epoch(), std::move(state_.secrets.resumption_psk));
    while (resumption_.size() > config_.kept_resumption_psks) resumption_.erase(resumption_.begin());
  }
  // Of an epoch that is over only what decrypts is kept.
  past_.push_front(
      {std::move(state_.group), std::move(state_.secrets.sender_data_secret), std::move(state_.keys)});
  while (past_.size() > config_.kept_epochs) past_.pop_back();
  state_ = std::move(next);
  proposals_.clear();
  arrival_.clear();
  own_updates_.clear();
  pending_.reset();
}

Result<void> Group::merge_pending() {
  if (!pending_) return broken(Rule::pending_commit_exists);
  enter(std::move(pending_->next));
  return {};
}

void Group::discard_pending() { pending_.reset(); }

Result<void> Group::merge(ReceivedCommit commit) {
  if (commit.staged_.from_transcript_hash != state_.group.interim_transcript_hash)
    return broken(Rule::staged_from_current_epoch);
  lost_.reset();
  if (commit.removes_this_member()) {
    removed_ = true;
    state_.secrets = {};
    state_.keys = SecretTree(suite());
    past_.clear();
    resumption_.clear();
    own_updates_.clear();
    proposals_.clear();
    arrival_.clear();
    pending_.reset();
    return {};
  }
  if (pending_)
    lost_ = what_is_left(std::move(pending_->request), state_.group.tree, commit.next_->group.tree);
  enter(std::move(*commit.next_));
  return {};
}

std::optional<CommitRequest> Group::take_lost_request() { return std::exchange(lost_, std::nullopt); }

Result<MlsMessage> Group::group_info(const crypto::Signer& signer, GroupInfoContent content) const {
  WARDLINE_MLS_TRY(check_can_send(signer));
  auto info = make_group_info(state_, signer, content);
  if (!info) return std::unexpected(info.error());
  return MlsMessage{std::move(*info)};
}

Result<SecretBytes> Group::export_secret(std::string_view label, ByteView context, std::size_t length) const {
  if (removed_) return broken(Rule::still_member);
  auto secret = mls::export_secret(suite(), state_.secrets, label, context, length);
  if (!secret) return broken(Rule::exporter_length);
  return std::move(*secret);
}

Psk Group::resumption_psk(ResumptionPskUsage usage) const {
  return {{ResumptionPskId{usage, group_id(), epoch()}, {}}, state_.secrets.resumption_psk.copy()};
}

}  // namespace wardline::mls
