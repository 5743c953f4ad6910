// What a person can see of conversations: the list, one of them, its log.
#pragma once

#include "server/delivery/parts.h"

namespace wardline::delivery {

struct MemberView {
  core::UserId user;
  std::int64_t joined_sequence = 0;
  std::int64_t devices = 0;
  ReceiptMarks marks;
};

struct ConversationView {
  core::ConversationId conversation;
  ConversationKind kind = ConversationKind::direct;
  ConversationState state = ConversationState::active;
  core::Time created_at;
  core::UserId created_by;
  std::uint64_t epoch = 0;
  std::int64_t last_sequence = 0;
  std::uint16_t cipher_suite = 0;
  std::optional<core::PatientId> patient;
  std::string matched_on;
  std::vector<MemberView> members;
  /// The calling device: where it joined and how far it has got. `member` is false while it has still to
  /// join.
  bool member = false;
  std::int64_t joined_sequence = 0;
  ReceiptMarks mine;
};

struct LogPage {
  std::vector<LogEntryPtr> entries;
  std::int64_t last_sequence = 0;
};

class Conversations {
 public:
  explicit Conversations(const DeliveryParts& parts) : parts_(parts) {}

  /// Every conversation of the caller, the one with the latest entry first.
  core::Result<std::vector<ConversationView>> list(const policy::Subject& subject);
  /// Errors: "conversation-not-found", also for one that exists without the caller.
  core::Result<ConversationView> find(const policy::Subject& subject, core::ConversationId conversation);
  /// Entries after `after` that the calling device may see: from its joining on, and up to its removal.
  core::Result<LogPage> read_log(const policy::Subject& subject, core::ConversationId conversation,
                                 std::int64_t after, int limit);
  /// The same for a feed, which has been authorised when it was opened.
  core::Result<std::vector<LogEntryPtr>> read_for_device(core::ConversationId conversation,
                                                         core::DeviceId device, std::int64_t after,
                                                         int limit);

  /// Where each conversation of a device stands, for a socket that opens.
  struct Standing {
    core::ConversationId conversation;
    std::int64_t joined_sequence = 0;
    std::int64_t last_sequence = 0;
  };
  core::Result<std::vector<Standing>> standings(core::DeviceId device);

 private:
  ConversationView view(storage::ReadTransaction& tx, const policy::Subject& subject,
                        const storage::Row& row);

  DeliveryParts parts_;
};

/// Whether this person is in a conversation about this patient.
bool is_member_about(storage::ReadTransaction& tx, core::UserId user, core::PatientId patient);

/// The one answer to "not yours" and "not there", so that nobody learns which.
std::unexpected<core::Error> conversation_not_found();

}  // namespace wardline::delivery
