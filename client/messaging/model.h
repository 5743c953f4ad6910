// What a program sees of people, patients, conversations and messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/content/content.h"
#include "lib/tls_codec/codec.h"

namespace wardline::client {

struct Place {
  std::string id;
  std::string name;
};

enum class Contact : std::uint8_t { confirmed, unconfirmed, self };

struct Person {
  std::string user_id;
  std::string name;
  std::string role;        ///< "clinician", "nurse", …
  std::string role_title;  ///< what people read
  Place service;
  Place location;
  std::vector<std::string> on_call;  ///< names of the duties
  bool active = true;
  bool has_device = false;
  Contact contact = Contact::unconfirmed;
};

struct Patient {
  std::string patient_id;
  std::string family_name;
  std::string given_name;
  std::string birth_date;
  std::string mrn;
};

/// At least two of these, and they must agree on one patient (SAF-1).
struct PatientIdentifiers {
  std::optional<std::string> mrn = {};
  std::optional<std::string> birth_date = {};  ///< YYYY-MM-DD
  std::optional<std::string> family_name = {};
  std::optional<std::string> given_name = {};
};

struct MatchedPatient {
  Patient patient;
  std::vector<std::string> matched_on;
  std::string match_id;
};

enum class Priority : std::uint8_t { routine = 0, urgent = 1, critical = 2 };
std::string_view name_of(Priority priority);

enum class ConversationKind : std::uint8_t { direct = 0, group = 1 };
std::string_view name_of(ConversationKind kind);

/// Sequence numbers: high-water marks, which never go back.
struct Marks {
  std::uint64_t delivered = 0;
  std::uint64_t read = 0;
  std::uint64_t acknowledged = 0;
  bool operator==(const Marks&) const = default;
  WARDLINE_TLS_FIELDS(delivered, read, acknowledged)
};
Marks merge(const Marks& left, const Marks& right);

struct Member {
  std::string user_id;
  std::uint64_t joined_sequence = 0;
  std::uint64_t devices = 0;
  Marks marks;
  WARDLINE_TLS_FIELDS(user_id, joined_sequence, devices, marks)
};

struct Sender {
  std::string user_id;
  std::string device_id;
  WARDLINE_TLS_FIELDS(user_id, device_id)
};

enum class Membership : std::uint8_t {
  awaiting = 0,  ///< this device is not in the group yet
  joined = 1,
  removed = 2,
};
std::string_view name_of(Membership membership);

struct ConversationView {
  std::string conversation_id;
  ConversationKind kind = ConversationKind::direct;
  bool closed = false;
  Membership membership = Membership::awaiting;
  std::vector<Member> members;
  std::optional<std::string> patient_id;
  std::optional<std::string> title;  ///< as its members wrote it
  bool untrusted = false;  ///< a device in it is in nobody's log: nothing is sent, or read on (ENC-8)
  Marks mine;
  std::uint64_t last_sequence = 0;  ///< that this device has
  std::uint64_t unread = 0;         ///< messages of others after `mine.read`
};

/// A device that was logged in this person's name since this one watches (ENC-8).
struct AddedDevice {
  std::string device_id;
  std::uint64_t issued_at = 0;  ///< microseconds since 1970
  WARDLINE_TLS_FIELDS(device_id, issued_at)
};

enum class BodyKind : std::uint8_t {
  content = 0,
  unreadable = 1,
  membership = 2,
  gap = 3,  ///< entries that this device could not follow, after which it joined anew
};

enum class Unreadable : std::uint8_t {
  newer_version = 0,  ///< what it says needs a newer version of this program
  malformed = 1,
  keys_gone = 2,       ///< it was encrypted for keys that this device never had or has deleted
  invalid = 3,         ///< it does not say what the server says of it
  sent_elsewhere = 4,  ///< by this device, in a state that it has lost
};
std::string_view name_of(Unreadable reason);

struct Message {
  std::string conversation_id;
  std::uint64_t sequence = 0;
  std::string id;                ///< its idempotency id: what a reply names
  std::optional<Sender> sender;  ///< nothing: the server
  BodyKind body = BodyKind::content;
  content::Content content = {};                  ///< body: content
  Unreadable unreadable = Unreadable::malformed;  ///< body: unreadable
  std::vector<std::string> added = {};            ///< body: membership; user ids
  std::vector<std::string> removed = {};          ///< body: membership
  std::uint64_t stored_at = 0;                    ///< microseconds since 1970, the server's clock
  Priority priority = Priority::routine;
  bool needs_acknowledgement = false;
};

/// What was answered of what is asked about people before they come into a conversation, and about whom.
struct Answers {
  std::vector<std::string> cross_service = {};  ///< user ids: confirmed to work in another service
  std::optional<std::string> reason = {};       ///< one of `kReasons`
  std::vector<std::string> reason_for = {};     ///< user ids
  WARDLINE_TLS_FIELDS(cross_service, reason, reason_for)
};

/// A conversation with the commit and the welcome that begin it: one call, which may be repeated.
struct NewConversation {
  std::string conversation_id;
  ConversationKind kind = ConversationKind::direct;
  std::vector<std::string> user_ids;
  std::optional<std::string> match_id;
  Bytes group_info_0;
  Bytes commit;
  Bytes welcome;
  Bytes group_info;
  Answers answers = {};
  WARDLINE_TLS_FIELDS(conversation_id, kind, user_ids, match_id, group_info_0, commit, welcome, group_info,
                      answers)
};

}  // namespace wardline::client
