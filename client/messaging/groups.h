// Who is in a conversation: begin one, add and remove people, and see each commit through to the server's
// answer.
#pragma once

#include "client/messaging/entry_log.h"

namespace wardline::client {

/// A conversation as somebody wants it.
struct Beginning {
  ConversationKind kind = ConversationKind::direct;
  std::vector<std::string> user_ids;  ///< everybody else
  std::optional<MatchedPatient> patient;
  Answers answers;  ///< to what is asked about them
};

class Groups {
 public:
  Groups(Api& api, DeviceState& state, DeviceLog& device_log, EntryLog& log)
      : api_(api), state_(state), device_log_(device_log), log_(log) {}

  /// Gives the new conversation's id; or that of one which this device has begun with the same people about
  /// the same patient and in which nothing has been said: whoever was not told of it begins it again.
  /// `without-device` if somebody has no device to read it on, `untrusted-device` if one of theirs is in no
  /// log.
  Outcome<std::string> start(const Beginning& wish);
  /// Bundles whose answer was lost: repeating one gives the same answer.
  Outcome<void> resume_starts();

  Outcome<void> add(const std::string& conversation_id, const std::vector<std::string>& user_ids,
                    const Answers& answers);
  Outcome<void> remove(const std::string& conversation_id, const std::string& user_id);
  /// Commits what the server proposed, unless somebody did so meanwhile.
  Outcome<void> commit_waiting(const std::string& conversation_id);

  /// The commit that waited for its answer when the program ended goes out again under its own id.
  Outcome<void> resume_commit(const std::string& conversation_id);
  /// What our commit was to do that lost its epoch, made anew.
  Outcome<void> rebase_lost(const std::string& conversation_id);

 private:
  using Staging = conversation::Outcome<std::optional<conversation::StagedCommit>>;
  struct Staged {
    conversation::PendingCommit pending;
    PendingCommitRecord record;
  };
  enum class Answered : std::uint8_t { accepted, epoch_taken };

  Outcome<std::vector<conversation::NewMember>> claim(const std::string& conversation_id,
                                                      const std::vector<std::string>& user_ids);
  Outcome<std::optional<std::string>> begun_before(const Beginning& wish) const;
  Outcome<bool> is_unused(const ConversationRecord& record) const;
  Outcome<void> finish_start(const CreationRecord& creation);

  template <class Make>
  Outcome<void> change(const std::string& conversation_id, PendingCommitRecord record, const Make& make);
  template <class Make>
  Outcome<std::optional<Staged>> stage(const std::string& conversation_id, PendingCommitRecord record,
                                       const Make& make);
  Outcome<void> settle(const std::string& conversation_id, Staged staged);
  Outcome<Answered> offer(const std::string& conversation_id, const Staged& staged);
  Outcome<std::optional<Staged>> restage(const std::string& conversation_id);
  enum class Ending : std::uint8_t { merge, drop };
  Outcome<void> finish(const std::string& conversation_id, Ending ending);
  conversation::Outcome<conversation::SealedState> end_pending(conversation::Conversation& group,
                                                               Ending ending);

  Api& api_;
  DeviceState& state_;
  DeviceLog& device_log_;
  EntryLog& log_;
};

}  // namespace wardline::client
