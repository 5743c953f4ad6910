// Two devices that share a conversation: what each pair of the load generator starts from.
#pragma once

#include "client/account/account.h"
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
std::expected<void, HttpError> publish_key_package(LoadDevice& device);

/// Confirms the contact, claims the other's key package, begins the MLS group and creates the conversation.
std::expected<LoadConversation, HttpError> begin_conversation(LoadDevice& creator, LoadDevice& other);

/// An MLSMessage with a PrivateMessage of about `size` bytes of this conversation and epoch. The ciphertext
/// is random: to the server, which can open none, it is like any other.
Bytes opaque_message(const LoadConversation& conversation, std::size_t size);

}  // namespace wardline::client
