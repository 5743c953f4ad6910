#include "server/delivery/groups.h"

#include "server/delivery/bundle.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

core::Result<mls::PublicGroup> Groups::load(storage::ReadTransaction& tx, const Membership& membership) {
  if (auto cached = cache_.find(membership.conversation, membership.version)) return std::move(*cached);
  const auto saved = read_public_state(tx, membership.conversation_no);
  auto group = saved ? mls::PublicGroup::restore(*saved)
                     : mls::Result<mls::PublicGroup>(mls::broken(mls::Rule::malformed_message));
  if (!group)
    return fail(ErrorKind::internal, "group-unreadable",
                "The stored state of this conversation cannot be read.");
  return std::move(*group);
}

core::Result<mls::PublicGroup> Groups::begin(const mls::GroupInfo& info, core::ConversationId conversation) {
  const mls::GroupContext& context = info.group_context;
  if (context.cipher_suite != kCipherSuite || context.epoch != 0 ||
      !equal(context.group_id, conversation.view())) {
    return fail(
        ErrorKind::rejected, "bundle-incomplete",
        "The first GroupInfo is not of epoch 0, of this conversation and of the cipher suite in use.");
  }
  const auto senders = mls::read_extension<mls::ExternalSenders>(context.extensions);
  const bool names_us = senders && *senders && (*senders)->senders == std::vector{external_sender_};
  if (!names_us || context.extensions.size() != 1) {
    return fail(ErrorKind::rejected, "bundle-incomplete",
                "The group must name this server, and nobody else, as external sender, and carry no other "
                "extension.");
  }
  auto group = mls::PublicGroup::create(info, std::nullopt, validation());
  if (!group) return std::unexpected(mls_rejected(group.error()));
  if (group->tree().member_count() != 1) {
    return fail(ErrorKind::rejected, "bundle-incomplete",
                "At epoch 0 a group has its creator and nobody else.");
  }
  return std::move(*group);
}

}  // namespace wardline::delivery
