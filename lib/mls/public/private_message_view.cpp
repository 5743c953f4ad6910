#include "lib/mls/public/private_message_view.h"

namespace wardline::mls {

std::optional<PrivateMessageView> view_private_message(ByteView message) {
  tls::Reader in(message);
  ProtocolVersion version{};
  WireFormat format{};
  tls::read(in, version);
  tls::read(in, format);
  if (version != ProtocolVersion::mls10 || format != WireFormat::private_message) return std::nullopt;
  PrivateMessageView view{.group_id = in.opaque()};
  tls::read(in, view.epoch);
  tls::read(in, view.content_type);
  in.opaque();  // authenticated_data
  in.opaque();  // encrypted_sender_data
  in.opaque();  // ciphertext
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return view;
}

}  // namespace wardline::mls
