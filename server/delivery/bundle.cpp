#include "server/delivery/bundle.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

namespace {

std::unexpected<core::Error> incomplete(std::string detail) {
  return fail(ErrorKind::rejected, "bundle-incomplete", std::move(detail));
}

}  // namespace

core::Error mls_rejected(const mls::Error& error) {
  return {ErrorKind::rejected,
          "mls-rejected",
          "MLS rule " + std::string(mls::name_of(error.rule)) + " (RFC 9420 " +
              std::string(mls::section_of(error.rule)) + "): " + std::string(mls::text_of(error.rule)) + ".",
          {}};
}

core::Result<mls::GroupInfo> read_group_info(ByteView message) {
  auto decoded = mls::decode_message(message);
  if (!decoded) return std::unexpected(mls_rejected(decoded.error()));
  auto* info = std::get_if<mls::GroupInfo>(&decoded->value);
  if (!info) return incomplete("What should be a GroupInfo is another kind of message.");
  return std::move(*info);
}

core::Result<Bundle> read_bundle(ByteView commit, const std::optional<Bytes>& welcome, ByteView group_info) {
  auto received = mls::ReceivedMessage::decode(commit);
  if (!received) return std::unexpected(mls_rejected(received.error()));
  if (received->content_type() != mls::ContentType::commit)
    return incomplete("What should be a commit is another kind of message.");
  auto info = read_group_info(group_info);
  if (!info) return std::unexpected(std::move(info.error()));
  if (!mls::find_extension(info->extensions, mls::ExtensionType::external_pub)) {
    return incomplete("The GroupInfo carries no external_pub: nobody could join later.");
  }
  Bundle bundle{std::move(*received), std::nullopt, std::move(*info)};
  if (welcome) {
    auto message = mls::decode_message(*welcome);
    if (!message) return std::unexpected(mls_rejected(message.error()));
    auto* inner = std::get_if<mls::Welcome>(&message->value);
    if (!inner) return incomplete("What should be a Welcome is another kind of message.");
    bundle.welcome = std::move(*inner);
  }
  return bundle;
}

core::Result<void> check_bundle(const Bundle& bundle, const mls::StagedCommit& staged) {
  if (const auto fits = mls::verify_group_info(staged.next, bundle.group_info); !fits) {
    return std::unexpected(mls_rejected(fits.error()));
  }
  const std::size_t added = staged.changes.added.size();
  if (added == 0 && bundle.welcome) return incomplete("There is a Welcome, but the commit adds nobody.");
  if (added > 0 && !bundle.welcome)
    return incomplete("The commit adds devices, but there is no Welcome for them.");
  // RFC 9420 §12.4.3.1: one sealed GroupSecrets per new member. That they open, only the joiners can see.
  if (bundle.welcome && bundle.welcome->secrets.size() != added) {
    return incomplete("The Welcome is not for exactly those whom the commit adds.");
  }
  return {};
}

}  // namespace wardline::delivery
