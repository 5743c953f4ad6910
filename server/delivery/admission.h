// Whether policy admits what a commit does: whom it adds, whom it removes, and who made it. MLS has said that
// it may be done; this says whether it should.
#pragma once

#include "server/delivery/bundle.h"
#include "server/delivery/group_store.h"
#include "server/delivery/parts.h"
#include "server/delivery/recipient_check.h"

namespace wardline::delivery {

inline constexpr std::size_t kMostMembers = 1000;

struct SendCommit {
  core::ConversationId conversation;
  core::IdempotencyId idempotency;
  std::uint64_t epoch = 0;
  Bytes commit = {};
  std::optional<Bytes> welcome = {};
  Bytes group_info = {};
  std::vector<core::UserId> users_added = {};
  std::vector<core::UserId> users_removed = {};
  Answers answers = {};  ///< to what is asked about those who are added
};

/// A commit that keeps every rule, and what it does to people and devices.
struct Judged {
  mls::PublicGroup group;  ///< before the commit
  mls::StagedCommit staged;
  Bundle bundle;
  std::vector<JoiningDevice> joining;  ///< leaves that are new in the tree
  std::vector<core::DeviceId> leaving;
  std::vector<core::UserId> users_new;
  std::vector<core::UserId> users_gone;
  std::vector<policy::Obligation> answered;  ///< what was asked about those who are new

  /// Those who join by the Welcome: not the one who came by external commit.
  std::vector<JoiningDevice> welcomed() const;
};

class Admission {
 public:
  Admission(const DeliveryParts& parts, People& people)
      : parts_(parts), people_(people), check_(parts.policy, people) {}

  /// Fills in who joins and who leaves. Errors: "wrong-committer", "not-admitted", "removal-not-allowed",
  /// "direct-is-two", "context-change-not-allowed", "too-many-members", and those of
  /// RecipientCheck::answered about those who are added.
  core::Result<void> judge(storage::ReadTransaction& tx, const policy::Subject& subject,
                           const Membership& membership, const SendCommit& request, Judged& judged);

  /// Who owns the leaves that a commit adds; each is an active device of `users`. Error "not-admitted".
  core::Result<std::vector<JoiningDevice>> owners_of(storage::ReadTransaction& tx,
                                                     const std::vector<mls::MemberChange>& added,
                                                     const std::unordered_set<core::UserId>& users);

 private:
  core::Result<void> judge_committer(storage::ReadTransaction& tx, const policy::Subject& subject,
                                     const Membership& membership, Judged& judged);
  core::Result<void> judge_removals(const policy::Subject& subject, const Membership& membership,
                                    const SendCommit& request, Judged& judged) const;
  core::Result<void> judge_people(const Membership& membership, const SendCommit& request,
                                  Judged& judged) const;

  DeliveryParts parts_;
  People& people_;
  RecipientCheck check_;
};

}  // namespace wardline::delivery
