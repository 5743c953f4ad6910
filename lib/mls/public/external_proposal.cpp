#include "lib/mls/public/external_proposal.h"

#include "lib/mls/public/labels.h"

namespace wardline::mls {
namespace {

Result<PublicMessage> sign_from_outside(FramedContent content, const crypto::Signer& signer) {
  // RFC 9420 §6.1: senders outside of the group do not sign the GroupContext.
  const Bytes signed_bytes = framed_content_tbs(WireFormat::public_message, content, {});
  auto signature = sign_with_label(signer, kFramedContentLabel, signed_bytes);
  if (!signature) return broken(Rule::signer_available);
  return PublicMessage{std::move(content), {std::move(*signature), {}}, {}};
}

}  // namespace

Result<PublicMessage> propose_externally(const GroupId& group_id, Epoch epoch, std::uint32_t sender_index,
                                         Proposal proposal, const crypto::Signer& signer) {
  return sign_from_outside({group_id, epoch, Sender::external(sender_index), {}, std::move(proposal)},
                           signer);
}

Result<PublicMessage> propose_joining(const GroupId& group_id, Epoch epoch, KeyPackage key_package,
                                      const crypto::Signer& signer) {
  return sign_from_outside(
      {group_id, epoch, Sender::new_member_proposal(), {}, Proposal{Add{std::move(key_package)}}}, signer);
}

}  // namespace wardline::mls
