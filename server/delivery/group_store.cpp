#include "server/delivery/group_store.h"

namespace wardline::delivery {
namespace {

// Numbers are narrow and given by us: the engines share no syntax for identity columns.
std::int64_t next_number(storage::Transaction& tx, storage::Sql highest) {
  return tx.query_value<std::optional<std::int64_t>>(highest).value_or(std::nullopt).value_or(0) + 1;
}

}  // namespace

std::int64_t insert_conversation(storage::Transaction& tx, const NewConversation& conversation) {
  const std::int64_t no = next_number(tx, "SELECT MAX(conversation_no) FROM conversations");
  tx.execute(
      "INSERT INTO conversations (conversation_no, conversation_id, kind, state, cipher_suite, created_at, "
      "created_by, "
      "creation_digest, patient_id, matched_on, epoch, version, last_sequence) "
      "VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, 1, 1, 1)",
      no, conversation.conversation, static_cast<int>(conversation.kind), conversation.cipher_suite,
      conversation.created_at, conversation.created_by, conversation.creation_digest, conversation.patient,
      conversation.matched_on);
  return no;
}

std::optional<std::int64_t> advance(storage::Transaction& tx, std::int64_t conversation_no,
                                    std::int64_t version, std::uint64_t new_epoch) {
  return tx.query_value<std::int64_t>(
      "UPDATE conversations SET epoch = $3, version = version + 1, last_sequence = last_sequence + 1 "
      "WHERE conversation_no = $1 AND version = $2 RETURNING last_sequence",
      conversation_no, version, new_epoch);
}

std::optional<std::int64_t> take_sequence(storage::Transaction& tx, std::int64_t conversation_no,
                                          std::int64_t version) {
  return tx.query_value<std::int64_t>(
      "UPDATE conversations SET version = version + 1, last_sequence = last_sequence + 1 "
      "WHERE conversation_no = $1 AND version = $2 RETURNING last_sequence",
      conversation_no, version);
}

void add_members(storage::Transaction& tx, std::int64_t conversation_no, std::span<const core::UserId> users,
                 std::int64_t sequence) {
  std::vector<storage::ParameterRow> rows;
  for (const core::UserId& user : users) rows.push_back({conversation_no, user, sequence});
  tx.execute_many(
      "INSERT INTO conversation_members (conversation_no, user_id, joined_sequence, left_sequence, "
      "delivered, read, "
      "acknowledged) VALUES ($1, $2, $3, NULL, $3, $3, 0) ON CONFLICT (conversation_no, user_id) DO UPDATE "
      "SET joined_sequence = excluded.joined_sequence, left_sequence = NULL",
      rows);
}

void remove_members(storage::Transaction& tx, std::int64_t conversation_no,
                    std::span<const core::UserId> users, std::int64_t sequence) {
  std::vector<storage::ParameterRow> rows;
  for (const core::UserId& user : users) rows.push_back({conversation_no, user, sequence});
  tx.execute_many(
      "UPDATE conversation_members SET left_sequence = $3 WHERE conversation_no = $1 AND user_id = $2", rows);
}

void add_devices(storage::Transaction& tx, std::int64_t conversation_no,
                 std::span<const JoiningDevice> devices, std::int64_t sequence) {
  std::vector<storage::ParameterRow> rows;
  for (const JoiningDevice& device : devices) {
    rows.push_back({conversation_no, device.device, device.user, device.leaf_index, sequence, false});
  }
  tx.execute_many(
      "INSERT INTO conversation_devices (conversation_no, device_id, user_id, leaf_index, joined_sequence, "
      "removed_sequence, removal_pending, delivered, read, acknowledged) "
      "VALUES ($1, $2, $3, $4, $5, NULL, $6, $5, $5, 0) ON CONFLICT (conversation_no, device_id) DO UPDATE "
      "SET leaf_index = excluded.leaf_index, joined_sequence = excluded.joined_sequence, removed_sequence = "
      "NULL, "
      "removal_pending = excluded.removal_pending",
      rows);
}

void remove_devices(storage::Transaction& tx, std::int64_t conversation_no,
                    std::span<const core::DeviceId> devices, std::int64_t sequence) {
  std::vector<storage::ParameterRow> rows;
  for (const core::DeviceId& device : devices) rows.push_back({conversation_no, device, sequence});
  tx.execute_many(
      "UPDATE conversation_devices SET removed_sequence = $3 WHERE conversation_no = $1 AND device_id = $2",
      rows);
}

void mark_removal_pending(storage::Transaction& tx, std::int64_t conversation_no, core::DeviceId device) {
  tx.execute(
      "UPDATE conversation_devices SET removal_pending = $3 WHERE conversation_no = $1 AND device_id = $2",
      conversation_no, device, true);
}

void put_group(storage::Transaction& tx, std::int64_t conversation_no, std::uint64_t epoch,
               ByteView group_info, ByteView public_state) {
  tx.execute(
      "INSERT INTO conversation_groups (conversation_no, epoch, group_info, public_state) VALUES ($1, $2, "
      "$3, $4) "
      "ON CONFLICT (conversation_no) DO UPDATE SET epoch = excluded.epoch, group_info = excluded.group_info, "
      "public_state = excluded.public_state",
      conversation_no, epoch, group_info, public_state);
}

void put_public_state(storage::Transaction& tx, std::int64_t conversation_no, ByteView public_state) {
  tx.execute("UPDATE conversation_groups SET public_state = $2 WHERE conversation_no = $1", conversation_no,
             public_state);
}

std::optional<Bytes> read_public_state(storage::ReadTransaction& tx, std::int64_t conversation_no) {
  return tx.query_value<Bytes>("SELECT public_state FROM conversation_groups WHERE conversation_no = $1",
                               conversation_no);
}

void insert_welcome(storage::Transaction& tx, std::int64_t conversation_no, std::int64_t sequence,
                    core::Time now, ByteView welcome, ByteView ratchet_tree,
                    std::span<const JoiningDevice> devices) {
  const std::int64_t bundle = next_number(tx, "SELECT MAX(bundle_no) FROM welcome_bundles");
  tx.execute(
      "INSERT INTO welcome_bundles (bundle_no, conversation_no, sequence, created_at, welcome, ratchet_tree) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      bundle, conversation_no, sequence, now, welcome, ratchet_tree);
  std::vector<storage::ParameterRow> rows;
  for (const JoiningDevice& device : devices)
    rows.push_back({core::new_id<WelcomeId>(), device.device, bundle});
  tx.execute_many("INSERT INTO welcomes (welcome_id, device_id, bundle_no) VALUES ($1, $2, $3)", rows);
}

}  // namespace wardline::delivery
