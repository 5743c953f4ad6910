// What the store keeps of conversations, messages and what is on its way out. All of it has a TLS
// presentation, with a version in front.
#pragma once

#include "client/messaging/model.h"
#include "client/store/sealed_store.h"
#include "lib/conversation/wire.h"

namespace wardline::client {

enum class Yes : std::uint8_t { no = 0, yes = 1 };
inline Yes yes(bool value) { return value ? Yes::yes : Yes::no; }

/// A commit of this device's that waits for the server's answer. Its bytes are in the group's state.
struct PendingCommitRecord {
  std::string idempotency_id;
  std::vector<std::string> user_ids_added;
  std::vector<std::string> user_ids_removed;
  Answers answers = {};  ///< about those who are added
  WARDLINE_TLS_FIELDS(idempotency_id, user_ids_added, user_ids_removed, answers)
};

struct ConversationRecord {
  static constexpr Table kTable = Table::conversations;
  std::string id;
  ConversationKind kind = ConversationKind::direct;
  Yes closed = Yes::no;
  std::vector<Member> members;
  std::optional<std::string> patient_id;
  std::optional<std::string> title;
  std::uint64_t applied = 0;       ///< the last entry that was applied: the cursor
  std::uint64_t joined_after = 0;  ///< messages up to here were before this device's time
  Membership membership = Membership::awaiting;
  Marks mine;
  Marks told;                  ///< of `mine`, what the server has heard
  Yes needs_commit = Yes::no;  ///< the server proposed a removal: the next sender commits it first
  std::optional<PendingCommitRecord> pending_commit;
  Yes untrusted = Yes::no;          ///< held: somebody's device is not in the device log (ENC-8)
  std::uint64_t told_log_size = 0;  ///< of the newest checkpoint that its members were told
  WARDLINE_TLS_FIELDS(id, kind, closed, members, patient_id, title, applied, joined_after, membership, mine,
                      told, needs_commit, pending_commit, untrusted, told_log_size)
};

struct MessageRecord {
  static constexpr Table kTable = Table::messages;
  std::uint64_t sequence = 0;
  std::string id;
  std::optional<Sender> sender;
  BodyKind body = BodyKind::content;
  SecretBytes content;  ///< as it travelled
  Unreadable unreadable = Unreadable::malformed;
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::uint64_t stored_at = 0;
  Priority priority = Priority::routine;
  Yes needs_acknowledgement = Yes::no;
  WARDLINE_TLS_FIELDS(sequence, id, sender, body, content, unreadable, added, removed, stored_at, priority,
                      needs_acknowledgement)
};

struct PreparedMessage {
  std::uint64_t epoch = 0;
  Bytes message;
  std::uint64_t log_size = 0;  ///< of the checkpoint of the device log in it; 0 for none
  WARDLINE_TLS_FIELDS(epoch, message, log_size)
};

/// On its way: on disk before anything else happens, until the log has brought it back.
struct OutboxRecord {
  static constexpr Table kTable = Table::outbox;
  std::string id;
  std::string conversation_id;
  std::uint64_t position = 0;  ///< messages go out in the order in which they were written
  SecretBytes content;
  Priority priority = Priority::routine;
  Yes needs_acknowledgement = Yes::no;
  std::optional<PreparedMessage> prepared;  ///< encrypted for an epoch, to be sent as it is while that lasts
  std::optional<std::uint64_t> sequence;    ///< the server has it
  WARDLINE_TLS_FIELDS(id, conversation_id, position, content, priority, needs_acknowledgement, prepared,
                      sequence)
};

/// What became of a message of ours, by its idempotency id: so that a repeated send is none.
struct SentRecord {
  static constexpr Table kTable = Table::sent;
  std::string conversation_id;
  std::uint64_t sequence = 0;  ///< 0: refused
  std::string refused_code;
  std::string refused_detail;
  WARDLINE_TLS_FIELDS(conversation_id, sequence, refused_code, refused_detail)
};

/// A conversation that was begun and whose answer is not in yet: repeating the bundle gives the same answer.
struct CreationRecord {
  static constexpr Table kTable = Table::creations;
  NewConversation bundle;
  WARDLINE_TLS_FIELDS(bundle)
};

/// What was kept on first use: a server that comes with others later is not believed (ENC-8).
struct PinsRecord {
  static constexpr Table kTable = Table::facts;
  std::string device_log_key;
  Bytes device_ca;
  WARDLINE_TLS_FIELDS(device_log_key, device_ca)
};

/// What was seen of the device log: transparency::LogView::state.
struct LogViewRecord {
  static constexpr Table kTable = Table::facts;
  Bytes state;
  WARDLINE_TLS_FIELDS(state)
};

/// Certificates that the log did not have: conversation::DeviceLogFollower::Refused.
struct RefusedDevicesRecord {
  static constexpr Table kTable = Table::facts;
  std::vector<transparency::CertificateHash> certificates;
  WARDLINE_TLS_FIELDS(certificates)
};

struct TrustRecord {
  static constexpr Table kTable = Table::facts;
  std::string alarm;  ///< how the device log contradicts itself; empty if it does not
  std::vector<AddedDevice> added;
  WARDLINE_TLS_FIELDS(alarm, added)
};

/// A file whose upload was begun: client::UploadKey.
struct UploadRecord {
  static constexpr Table kTable = Table::facts;
  std::string conversation_id;
  Bytes plain_sha256;
  std::uint64_t begun_at = 0;  ///< microseconds since 1970
  std::string file_id;
  SecretBytes key;
  Bytes header;
  WARDLINE_TLS_FIELDS(conversation_id, plain_sha256, begun_at, file_id, key, header)
};

struct GroupRecord {
  static constexpr Table kTable = Table::mls;
  conversation::SealedState state;
  WARDLINE_TLS_FIELDS(state)
};

struct KeyPackageRecord {
  static constexpr Table kTable = Table::key_packages;
  Bytes sealed;
  Yes last_resort = Yes::no;
  WARDLINE_TLS_FIELDS(sealed, last_resort)
};

}  // namespace wardline::client
