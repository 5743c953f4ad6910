// Writes what a handshake changes: conversations, who is in them, their groups, Welcomes.
#pragma once

#include <span>

#include "server/delivery/conversations.h"
#include "server/delivery/membership.h"

namespace wardline::delivery {

struct NewConversation {
  core::ConversationId conversation;
  ConversationKind kind = ConversationKind::direct;
  std::uint16_t cipher_suite = 0;
  core::UserId created_by;
  core::Time created_at;
  Bytes creation_digest;
  std::optional<core::PatientId> patient = {};
  std::string matched_on = {};
};

/// A leaf that a commit puts into the tree.
struct JoiningDevice {
  core::UserId user;
  core::DeviceId device;
  std::uint32_t leaf_index = 0;
};

/// Inserts the conversation at epoch 1, version 1, sequence 1. Returns its number.
std::int64_t insert_conversation(storage::Transaction& tx, const NewConversation& conversation);

/// Moves to the next epoch, version and sequence number if `version` is still the current one. Returns the
/// new sequence number.
std::optional<std::int64_t> advance(storage::Transaction& tx, std::int64_t conversation_no,
                                    std::int64_t version, std::uint64_t new_epoch);
/// The same for an entry that does not change the epoch.
std::optional<std::int64_t> take_sequence(storage::Transaction& tx, std::int64_t conversation_no,
                                          std::int64_t version);

/// People who belong to the conversation from `sequence` on. Somebody who was in it before comes back.
void add_members(storage::Transaction& tx, std::int64_t conversation_no, std::span<const core::UserId> users,
                 std::int64_t sequence);
void remove_members(storage::Transaction& tx, std::int64_t conversation_no,
                    std::span<const core::UserId> users, std::int64_t sequence);
/// Devices that see what comes after `sequence`; one that was there before is there anew.
void add_devices(storage::Transaction& tx, std::int64_t conversation_no,
                 std::span<const JoiningDevice> devices, std::int64_t sequence);
void remove_devices(storage::Transaction& tx, std::int64_t conversation_no,
                    std::span<const core::DeviceId> devices, std::int64_t sequence);
void mark_removal_pending(storage::Transaction& tx, std::int64_t conversation_no, core::DeviceId device);

/// The MLS group of a conversation: what joiners get, and what the server follows (mls::PublicGroup::save).
void put_group(storage::Transaction& tx, std::int64_t conversation_no, std::uint64_t epoch,
               ByteView group_info, ByteView public_state);
void put_public_state(storage::Transaction& tx, std::int64_t conversation_no, ByteView public_state);
std::optional<Bytes> read_public_state(storage::ReadTransaction& tx, std::int64_t conversation_no);

/// One Welcome for several devices, with the tree that goes with it.
void insert_welcome(storage::Transaction& tx, std::int64_t conversation_no, std::int64_t sequence,
                    core::Time now, ByteView welcome, ByteView ratchet_tree,
                    std::span<const JoiningDevice> devices);

}  // namespace wardline::delivery
