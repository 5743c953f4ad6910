// What delivery puts into the audit log: one function per act, so that each entry is written the same way
// everywhere.
#pragma once

#include <span>

#include "server/audit/append.h"
#include "server/core/clock.h"
#include "server/delivery/log_store.h"
#include "server/delivery/membership.h"
#include "server/delivery/notice.h"
#include "server/delivery/recipient_check.h"

namespace wardline::delivery {

class Journal {
 public:
  Journal(const core::Clock& clock, const audit::PatientReferenceKey& patients)
      : clock_(clock), patients_(patients) {}

  struct SentMessage {
    const policy::Subject* subject = nullptr;
    const LogEntry* entry = nullptr;
    const Membership* membership = nullptr;
  };
  void messages_sent(storage::Transaction& tx, std::span<const SentMessage> messages) const;
  void receipt(storage::Transaction& tx, const policy::Subject& subject, const Membership& membership,
               ReceiptMarks marks) const;
  void key_packages_published(storage::Transaction& tx, const policy::Subject& subject,
                              std::int64_t count) const;
  void key_packages_claimed(storage::Transaction& tx, const policy::Subject& subject,
                            const std::vector<core::UserId>& users) const;
  /// What a rule asked about people who came into the conversation was answered: "confirmed", or the reason.
  void answered(storage::Transaction& tx, const policy::Subject& subject, const Membership& membership,
                std::span<const policy::Obligation> duties, const Answers& answers) const;
  void conversation_created(storage::Transaction& tx, const policy::Subject& subject,
                            const Membership& membership) const;
  /// A commit or proposal that was accepted, with the people whom it added or removed.
  void handshake(storage::Transaction& tx, const policy::Subject& subject, policy::Action action,
                 const Membership& membership, std::int64_t sequence,
                 const std::vector<core::UserId>& touched) const;
  /// One that was refused: who tried what, and which rule it broke.
  void refused(storage::Transaction& tx, const policy::Subject& subject, policy::Action action,
               core::ConversationId conversation, const core::Error& why) const;
  void device_removal_proposed(storage::Transaction& tx, const Membership& membership, core::DeviceId device,
                               std::int64_t sequence) const;
  /// `sender`: whose entry it is; nothing for the server's.
  void reported(storage::Transaction& tx, const policy::Subject& subject, const Membership& membership,
                std::int64_t sequence, const std::optional<EntrySender>& sender) const;

 private:
  audit::Entry about(const policy::Subject& subject, policy::Action action,
                     const Membership& membership) const;

  const core::Clock& clock_;
  const audit::PatientReferenceKey& patients_;
};

}  // namespace wardline::delivery
