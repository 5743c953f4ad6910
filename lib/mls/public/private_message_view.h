// A PrivateMessage as a delivery service looks at it: where it belongs, without a copy of what is inside.
#pragma once

#include <optional>

#include "lib/bytes/bytes.h"
#include "lib/mls/public/framing.h"

namespace wardline::mls {

struct PrivateMessageView {
  ByteView group_id;  ///< Lives as long as the message.
  Epoch epoch = 0;
  ContentType content_type = ContentType::application;
};

/// RFC 9420 §6, §6.3. Nothing unless `message` is an MLSMessage with a PrivateMessage inside, whole and with
/// nothing behind it: exactly what tls::decode takes.
std::optional<PrivateMessageView> view_private_message(ByteView message);

}  // namespace wardline::mls
