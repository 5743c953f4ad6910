// Seals the bodies of log entries at rest: MLS ciphertext, encrypted once more under a key of its
// conversation (ENC-3). Shredding that key deletes every body of the conversation at once (MSG-3).
#pragma once

#include "server/core/id.h"
#include "server/storage/keys/sealed_column.h"

namespace wardline::delivery {

class BodySealer {
 public:
  explicit BodySealer(storage::KeyRing& keys)
      : column_(keys, "conversation-log", "conversation_log", "body") {}

  /// Bound to its place: moved to another conversation or sequence number it does not open.
  storage::Sealed seal(storage::Transaction& tx, core::ConversationId conversation, std::int64_t sequence,
                       ByteView body) const {
    return column_.seal(tx, conversation.view(), place(conversation, sequence), body);
  }
  /// Errors: "sealed-value-damaged", "shredded".
  core::Result<Bytes> open(storage::ReadTransaction& tx, core::ConversationId conversation,
                           std::int64_t sequence, const storage::Sealed& sealed) const {
    const auto opened = column_.open(tx, place(conversation, sequence), sealed);
    if (!opened) return std::unexpected(opened.error());
    return to_bytes(opened->view());
  }

 private:
  static Bytes place(core::ConversationId conversation, std::int64_t sequence) {
    Bytes place;
    place.reserve(24);
    append(place, conversation.view());
    for (int shift = 56; shift >= 0; shift -= 8)
      place.push_back(static_cast<std::uint8_t>(sequence >> shift));
    return place;
  }

  storage::SealedColumn column_;
};

}  // namespace wardline::delivery
