// Makes conversations: the group, its first commit, its Welcome and its members, all or nothing.
#pragma once

#include "server/delivery/admission.h"
#include "server/delivery/groups.h"

namespace wardline::delivery {

struct CreateConversation {
  core::ConversationId conversation;
  ConversationKind kind = ConversationKind::direct;
  std::vector<core::UserId> users = {};  ///< everybody else
  std::optional<std::string> match_id = {};
  Answers answers = {};     ///< to what is asked about these people
  Bytes group_info_0 = {};  ///< MLSMessages, all four
  Bytes commit = {};
  Bytes welcome = {};
  Bytes group_info = {};
};

class Creation {
 public:
  Creation(const DeliveryParts& parts, People& people, Groups& groups)
      : parts_(parts),
        people_(people),
        groups_(groups),
        check_(parts.policy, people),
        admission_(parts, people) {}

  /// Repeating the same bundle gives the same answer. Errors: policy denials, "recipients-unconfirmed",
  /// "person-not-found", "match-expired" (attach the patient again), "conversation-exists", "direct-is-two",
  /// "not-admitted", "mls-rejected", "bundle-incomplete".
  core::Result<void> create(const policy::Subject& subject, const CreateConversation& request);

 private:
  core::Result<void> create_once(storage::Transaction& tx, const policy::Subject& subject,
                                 const CreateConversation& request, const std::optional<PatientMatch>& match);
  core::Result<Judged> judge(storage::Transaction& tx, const policy::Subject& subject,
                             const CreateConversation& request);
  MembershipPtr store(storage::Transaction& tx, const policy::Subject& subject,
                      const CreateConversation& request, const std::optional<PatientMatch>& match,
                      Judged& judged);

  DeliveryParts parts_;
  People& people_;
  Groups& groups_;
  RecipientCheck check_;
  Admission admission_;
};

}  // namespace wardline::delivery
