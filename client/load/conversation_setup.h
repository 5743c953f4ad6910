// Two devices that share a conversation: what each pair of the load generator starts from.
#pragma once

#include <span>

#include "client/account/account.h"
#include "client/messaging/error.h"

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

/// Confirms the contacts, claims the others' key packages, has their devices proven by the device log, begins
/// the MLS group and creates the conversation: with one other a direct one, with more a group. All of it as
/// the client library does it (lib/conversation).
Outcome<LoadConversation> begin_conversation(LoadDevice& creator, std::span<const LoadDevice* const> others);

/// An MLSMessage with a PrivateMessage of about `size` bytes of this conversation and epoch. The ciphertext
/// is random: to the server, which can open none, it is like any other. Encrypting and signing each would
/// cost a machine that generator and server share about as much as the server does, so that both would be
/// measured (docs/decisions/0014).
Bytes opaque_message(const LoadConversation& conversation, std::size_t size);

}  // namespace wardline::client
