// The calls of docs/api.md that need a device, typed.
#pragma once

#include <functional>

#include "client/messaging/error.h"
#include "client/messaging/model.h"
#include "client/net/json_call.h"
#include "lib/bytes/secret_bytes.h"

namespace wardline::client {

struct DeliveryService {
  Bytes external_sender;
  Bytes device_ca;
  std::string device_log_key;
  std::uint16_t cipher_suite = 0;
};

struct RegisteredDeviceView {
  std::string device_id;
  std::string name;
  std::uint64_t created_at = 0;
  std::uint64_t last_seen_at = 0;
  std::optional<std::uint64_t> revoked_at;
};

struct KeyPackageStock {
  std::uint64_t available = 0;
  bool has_last_resort = false;
};

struct ClaimedKeyPackage {
  std::string user_id;
  std::string device_id;
  Bytes key_package;
};
struct Claim {
  std::vector<ClaimedKeyPackage> claimed;
  std::vector<std::string> without_device;
};

struct PeopleQuery {
  std::string text = {};
  std::optional<std::string> role = {};
  bool on_call = false;
};

enum class ObligationKind : std::uint8_t { confirm_contact, confirm_cross_service, reason };
struct Obligation {
  ObligationKind kind = ObligationKind::reason;
  std::optional<std::string> user_id;
  std::string text;
};
struct SendDecision {
  bool permit = false;
  std::vector<Obligation> obligations;
  std::string denied_code;
  std::string denied_text;
};

struct LookAlikes {
  std::string user_id;
  std::vector<Person> people;
};

/// A conversation as the server has it.
struct ServerConversation {
  std::string conversation_id;
  ConversationKind kind = ConversationKind::direct;
  bool closed = false;
  std::uint64_t last_sequence = 0;
  std::vector<Member> members;
  std::optional<std::string> patient_id;
  Marks mine;
};

struct NewCommit {
  std::string idempotency_id;
  std::uint64_t epoch = 0;
  Bytes commit;
  std::optional<Bytes> welcome;
  Bytes group_info;
  std::vector<std::string> user_ids_added;
  std::vector<std::string> user_ids_removed;
  Answers answers = {};
};

struct NewMessage {
  std::string idempotency_id;
  std::uint64_t epoch = 0;
  Bytes message;
  Priority priority = Priority::routine;
  bool needs_acknowledgement = false;
};

enum class EntryKind : std::uint8_t { message, commit, proposal };

struct Entry {
  std::string conversation_id;
  std::uint64_t sequence = 0;
  EntryKind kind = EntryKind::message;
  std::optional<Sender> sender = {};
  Bytes body = {};  ///< empty in what the socket brings of this device's own messages
  std::uint64_t stored_at = 0;
  Priority priority = Priority::routine;
  bool needs_acknowledgement = false;
  std::string idempotency_id;
};
/// Also of the frames of the socket.
Entry read_entry(Fields fields);

struct LogPage {
  std::vector<Entry> entries;
  std::uint64_t last_sequence = 0;
};

struct GroupInfo {
  std::uint64_t epoch = 0;
  Bytes group_info;
  Bytes ratchet_tree;
};

struct WaitingWelcome {
  std::string welcome_id;
  std::string conversation_id;
  std::uint64_t sequence = 0;
  Bytes welcome;
  Bytes ratchet_tree;
};

class Api {
 public:
  /// `https` outlives the object. `renew`, if given, is asked once for a new session when a call finds the
  /// old one ended; then the call is made again.
  explicit Api(HttpsClient& https, std::function<Outcome<void>()> renew = nullptr)
      : https_(https), renew_(std::move(renew)) {}

  /// Any call, for what has a shape of its own. A null `body` sends none.
  Outcome<Answer> call(std::string_view method, const std::string& path, const json::object* body = nullptr);

  Outcome<SecretBytes> storage_share();
  Outcome<DeliveryService> delivery_service();
  Outcome<std::vector<RegisteredDeviceView>> devices();
  Outcome<void> revoke_device(const std::string& device_id);

  Outcome<KeyPackageStock> key_packages();
  Outcome<void> put_key_packages(const std::vector<Bytes>& key_packages,
                                 const std::optional<Bytes>& last_resort);
  Outcome<Claim> claim_key_packages(const std::string& conversation_id,
                                    const std::vector<std::string>& user_ids);

  Outcome<std::vector<Person>> search_people(const PeopleQuery& query);
  Outcome<Person> person(const std::string& user_id);
  Outcome<std::vector<LookAlikes>> similar_people(const std::vector<std::string>& user_ids);
  Outcome<void> confirm_contact(const std::string& user_id);
  Outcome<MatchedPatient> match_patient(const PatientIdentifiers& identifiers);
  Outcome<SendDecision> send_decision(const std::vector<std::string>& user_ids,
                                      const std::optional<std::string>& patient_id, Priority priority);

  Outcome<ServerConversation> create_conversation(const NewConversation& bundle);
  Outcome<std::vector<ServerConversation>> conversations();
  Outcome<ServerConversation> conversation(const std::string& id);
  /// Gives the sequence number.
  Outcome<std::uint64_t> post_message(const std::string& conversation_id, const NewMessage& message);
  Outcome<std::uint64_t> post_commit(const std::string& conversation_id, const NewCommit& commit);
  Outcome<GroupInfo> group_info(const std::string& conversation_id);
  Outcome<LogPage> log(const std::string& conversation_id, std::uint64_t after, std::uint64_t limit);
  Outcome<void> post_receipts(const std::string& conversation_id, const Marks& marks);
  Outcome<void> report_unprocessable(const std::string& conversation_id, std::uint64_t sequence);
  Outcome<std::vector<WaitingWelcome>> welcomes();
  Outcome<void> delete_welcome(const std::string& welcome_id);

 private:
  Outcome<Answer> post(const std::string& path, const json::object& body) {
    return call("POST", path, &body);
  }

  HttpsClient& https_;
  std::function<Outcome<void>()> renew_;
};

}  // namespace wardline::client
