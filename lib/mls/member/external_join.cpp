#include "lib/mls/member/external_join.h"

#include "lib/mls/member/group_pending.h"
#include "lib/mls/member/member_state_storage.h"

namespace wardline::mls {
namespace {

Result<crypto::HpkeExported> external_init(const GroupInfo& info, const Suite& suite) {
  const auto external_pub = read_extension<ExternalPub>(info.extensions);
  // RFC 9420 §12.4.3.2: the joiner's init secret is sealed to the group's external key.
  if (!external_pub || !*external_pub) return broken(Rule::external_pub_present);
  auto exported = export_external_init(suite, (*external_pub)->external_pub);
  if (!exported) return broken(Rule::provider_available);
  return std::move(*exported);
}

std::vector<Proposal> external_proposals(const ExternalJoinInput& input, Bytes kem_output) {
  std::vector<Proposal> proposals;
  proposals.push_back({ExternalInit{std::move(kem_output)}});
  if (input.replaces) proposals.push_back({Remove{*input.replaces}});
  for (const PreSharedKeyId& id : input.psks) proposals.push_back({PreSharedKey{id}});
  return proposals;
}

}  // namespace

ExternalJoin::ExternalJoin(MlsMessage commit, MlsMessage group_info, MemberState next, GroupConfig config)
    : commit_(std::move(commit)),
      group_info_(std::move(group_info)),
      next_(std::move(next)),
      config_(config) {}

Result<ExternalJoin> ExternalJoin::create(const GroupInfo& info, ExternalJoinInput input,
                                          const crypto::Signer& signer, const Environment& environment) {
  auto group = start_from_group_info(info, std::move(input.tree), environment.validation);
  if (!group) return std::unexpected(group.error());
  const Suite& suite = group->suite();
  if (signer.algorithm() != suite.signature) return broken(Rule::signer_matches_suite);
  auto init = external_init(info, suite);
  if (!init) return std::unexpected(init.error());

  const std::vector<Proposal> proposals = external_proposals(input, std::move(init->kem_output));
  LeafNode leaf;
  describe(leaf, input.leaf);
  CommitDraft draft{.before = *group,
                    .init_secret = init->secret.view(),
                    .sender = Sender::new_member_commit(),
                    .private_tree = nullptr,
                    .list = {},
                    .proposals = {},
                    .continuation_psk = {},
                    .with_path = true,
                    .leaf = std::move(leaf),
                    // RFC 9420 §12.4.3.2: the joiner has no keys to encrypt with.
                    .wire_format = WireFormat::public_message,
                    .authenticated_data = std::move(input.authenticated_data)};
  for (const Proposal& each : proposals) {
    draft.list.push_back({&each, draft.sender, false});
    draft.proposals.push_back({each});
  }
  auto built = build_commit(std::move(draft), signer, {{}, environment.psks}, environment.validation);
  if (!built) return std::unexpected(built.error());
  auto next_info = make_group_info(built->next, signer, {});
  if (!next_info) return std::unexpected(next_info.error());
  PublicMessage message{std::move(built->content.content), std::move(built->content.auth), {}};
  return ExternalJoin({std::move(message)}, {std::move(*next_info)}, std::move(built->next), input.config);
}

Group ExternalJoin::accept() && { return {std::move(next_), config_}; }

Result<Bytes> ExternalJoin::seal(const SealingKey& key) const {
  tls::Writer out;
  tls::write(out, commit_);
  tls::write(out, group_info_);
  tls::write(out, config_);
  write_state(out, next_);
  return seal_state(key, SealedKind::external_join, SecretBytes(out.take()));
}

Result<ExternalJoin> ExternalJoin::unseal(const SealingKey& key, ByteView sealed) {
  const auto state = open_state(key, SealedKind::external_join, sealed);
  if (!state) return std::unexpected(state.error());
  tls::Reader in(state->view());
  MlsMessage commit;
  MlsMessage group_info;
  GroupConfig config;
  tls::read(in, commit);
  tls::read(in, group_info);
  tls::read(in, config);
  auto next = read_state(in);
  if (!next) return std::unexpected(next.error());
  return ExternalJoin(std::move(commit), std::move(group_info), std::move(*next), config);
}

}  // namespace wardline::mls
