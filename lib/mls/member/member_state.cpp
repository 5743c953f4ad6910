#include "lib/mls/member/member_state.h"

#include "lib/mls/public/labels.h"

namespace wardline::mls {
namespace {

MemberState assemble(PublicState group, PrivateTree private_tree, EpochSecrets secrets) {
  SecretTree keys(group.suite(), std::move(secrets.encryption_secret), group.tree.leaf_count());
  private_tree.forget_stale(group.tree);
  return {std::move(group), std::move(private_tree), std::move(secrets), std::move(keys)};
}

}  // namespace

EpochEntry enter_by_commit(const Suite& suite, ByteView init_secret, const PathSecret& commit_secret,
                           std::span<const Psk> psks, const GroupContext& context) {
  return {derive_joiner_secret(suite, init_secret, commit_secret.value.view(), tls::encode(context)),
          derive_psk_secret(suite, psks)};
}

PathSecret no_commit_secret(const Suite& suite) { return {zero_secret(suite)}; }

MemberState begin_epoch(PublicState group, PrivateTree private_tree, EpochSecrets secrets) {
  const Suite& suite = group.suite();
  group.confirmation_tag = compute_confirmation_tag(suite, secrets, group.context.confirmed_transcript_hash);
  group.interim_transcript_hash =
      interim_transcript_hash(suite, group.context.confirmed_transcript_hash, group.confirmation_tag);
  return assemble(std::move(group), std::move(private_tree), std::move(secrets));
}

Result<MemberState> confirm_epoch(PublicState group, PrivateTree private_tree, const EpochEntry& entry) {
  const Suite& suite = group.suite();
  EpochSecrets secrets =
      derive_epoch_secrets(suite, entry.joiner, entry.psk_secret.view(), tls::encode(group.context));
  // RFC 9420 §6.1, §12.4.3.1: the tag shows that the committer has reached the same secrets.
  const Bytes expected = compute_confirmation_tag(suite, secrets, group.context.confirmed_transcript_hash);
  if (!constant_time_equal(expected, group.confirmation_tag)) return broken(Rule::confirmation_tag);
  return assemble(std::move(group), std::move(private_tree), std::move(secrets));
}

}  // namespace wardline::mls
