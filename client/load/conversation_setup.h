// Two devices that share a conversation: what each pair of the load generator starts from.
#pragma once

#include <span>

#include "client/account/account.h"
#include "client/messaging/error.h"
#include "lib/mls/member/group.h"

namespace wardline::client {

struct LoadDevice {
  std::unique_ptr<HttpsClient> https;
  DeviceAccount account;
};

struct LoadConversation {
  std::string id;
  std::uint64_t epoch = 1;
};

/// Uploads one key package of this device.
Outcome<void> publish_key_package(LoadDevice& device);

/// Confirms the contacts, claims the others' key packages, begins the MLS group and creates the conversation:
/// with one other a direct one, with more a group.
Outcome<LoadConversation> begin_conversation(LoadDevice& creator, std::span<const LoadDevice* const> others);

/// An MLSMessage with a PrivateMessage of about `size` bytes of this conversation and epoch. The ciphertext
/// is random: to the server, which can open none, it is like any other.
Bytes opaque_message(const LoadConversation& conversation, std::size_t size);

}  // namespace wardline::client
