// A member's view of a group (RFC 9420): joins, sends, receives, and changes it. All secrets of the group are
// in here.
//
//   auto group = Group::create({.suite = …, .group_id = …}, signer, environment);
//   auto bundle = group->commit({.proposals = {…}}, signer, environment);   // -> pending: nothing has
//   changed yet send(bundle->commit);                                                   //    one bundle for
//   the delivery service group->merge_pending();                                                 // accepted
//   (or discard_pending()) auto event = group->receive(message, environment);                      // ->
//   Event: what arrived group->merge(std::move(std::get<ReceivedCommit>(*event)));              //    after a
//   look at its changes
//
// Nothing is taken on trust: whom to believe, the time and the PSKs come in with `Environment`, the signing
// key with each call (it may live in hardware). A call that fails has changed nothing.
#pragma once

#include <deque>
#include <set>

#include "lib/mls/member/commit_builder.h"
#include "lib/mls/member/events.h"
#include "lib/mls/member/protection.h"
#include "lib/mls/member/sealed.h"

namespace wardline::mls {

struct Environment {
  const Validation& validation;    ///< whom to believe, and the time
  const PskStore* psks = nullptr;  ///< nullptr: there are none
};

struct GroupConfig {
  RatchetLimits ratchets;
  Padding padding;
  WireFormat handshake = WireFormat::public_message;
  std::uint32_t kept_epochs = 3;           ///< past epochs whose messages can still be opened
  std::uint32_t kept_resumption_psks = 0;  ///< past epochs whose resumption PSK is kept for PSK proposals
  WARDLINE_TLS_FIELDS(ratchets, padding, handshake, kept_epochs, kept_resumption_psks)
};

struct NewGroup {
  const Suite& suite;
  GroupId group_id;
  LeafDescription leaf;
  Lifetime lifetime;
  Extensions extensions = {};  ///< of the GroupContext
  GroupConfig config = {};
};

/// What a commit shall do.
struct CommitRequest {
  std::vector<Proposal> proposals = {};  ///< by value; they go before cached ones that they contradict
  bool with_cached = true;               ///< cover the proposals that wait
  bool with_path = false;  ///< renew this member's keys even where RFC 9420 §12.4 does not ask for it
  std::optional<LeafDescription> leaf = {};  ///< a new description of this member; makes a path
  bool tree_in_welcome = true;               ///< false: new members get the tree some other way
  Bytes authenticated_data = {};
};

/// What goes to the delivery service, all of one epoch.
struct CommitBundle {
  MlsMessage commit;
  std::optional<MlsMessage> welcome;  ///< if somebody was added
  MlsMessage group_info;              ///< of the new epoch, with external_pub and without the tree
};

class Group;

/// What a joiner starts from besides the Welcome.
struct JoinInput {
  std::optional<RatchetTreeWire> tree = {};  ///< if it is not inside the GroupInfo
  const Group* continues = nullptr;          ///< the group that the new one reinitialises or branches from
  GroupConfig config = {};
};

class Group {
 public:
  /// §11: a group with this member alone.
  static Result<Group> create(NewGroup parameters, const crypto::Signer& signer,
                              const Environment& environment);
  /// §12.4.3.1. Delete the bundle afterwards: an init key is used once.
  static Result<Group> join(const Welcome& welcome, const KeyPackageBundle& bundle, JoinInput input,
                            const Environment& environment);
  /// Whether a Welcome holds secrets for this key package.
  static bool is_welcome_for(const Welcome& welcome, const KeyPackageBundle& bundle);

  Group(Group&&) noexcept;
  Group& operator=(Group&&) noexcept;
  ~Group();

  const Suite& suite() const { return state_.suite(); }
  const GroupId& group_id() const { return context().group_id; }
  Epoch epoch() const { return context().epoch; }
  const GroupContext& context() const { return state_.group.context; }
  const RatchetTree& tree() const { return state_.group.tree; }
  const PublicState& public_state() const { return state_.group; }
  LeafIndex own_leaf() const { return state_.own(); }
  /// False after removal and after a ReInit: nothing can be sent or received any more.
  bool is_active() const { return !removed_ && !state_.group.reinit; }
  const std::optional<ReInit>& reinit() const { return state_.group.reinit; }

  // Messages.

  /// §6.3. `Rule::committed_before_application` while proposals wait.
  Result<MlsMessage> protect(ByteView data, ByteView authenticated_data, const crypto::Signer& signer);
  /// Takes any message of the group. Late application messages open while their epoch is kept.
  Result<Event> receive(const MlsMessage& message, const Environment& environment);

  // Proposals. Each is cached here as well; the message goes to everybody.

  Result<MlsMessage> propose(Proposal proposal, const crypto::Signer& signer, const Environment& environment);
  /// §12.1.2: new keys for this member, and a new description if one is given. Committed by somebody else.
  Result<MlsMessage> propose_update(std::optional<LeafDescription> leaf, const crypto::Signer& signer,
                                    const Environment& environment);
  /// §12.1.3: asks the others to remove this member.
  Result<MlsMessage> propose_leaving(const crypto::Signer& signer, const Environment& environment);
  const ProposalCache& proposals() const { return proposals_; }

  // Commits.

  /// Makes a commit and keeps it as pending. Nothing changes until `merge_pending`.
  Result<CommitBundle> commit(CommitRequest request, const crypto::Signer& signer,
                              const Environment& environment);
  bool has_pending() const { return pending_ != nullptr; }
  /// The delivery service has accepted the pending commit.
  Result<void> merge_pending();
  void discard_pending();
  /// Takes over a commit of somebody else's. A pending one has lost the race; `take_lost_request` gives back
  /// what it asked.
  Result<void> merge(ReceivedCommit commit);
  /// After a lost race: what the pending commit was to do and what can still be done. Give it to `commit`.
  std::optional<CommitRequest> take_lost_request();

  // What the group gives.

  /// §12.4.3, for the delivery service and external joiners.
  Result<MlsMessage> group_info(const crypto::Signer& signer, GroupInfoContent content = {}) const;
  /// §8.5.
  Result<SecretBytes> export_secret(std::string_view label, ByteView context, std::size_t length) const;
  /// §8.7: equal for all members; to be compared on another channel.
  ByteView epoch_authenticator() const { return state_.secrets.epoch_authenticator.view(); }
  /// §8.6: this epoch's PSK for groups that continue this one, with the id that names it (its nonce is for
  /// the user to set).
  Psk resumption_psk(ResumptionPskUsage usage) const;

  // Groups that continue this one (§11.2, §11.3). Both give a group with a pending commit that adds the
  // others; merge it once the delivery service has taken the bundle.

  struct Continuation;
  /// §11.2: after a ReInit has been committed. `members` are key packages of all other members.
  Result<Continuation> reinitialise(std::vector<KeyPackage> members, LeafDescription leaf, Lifetime lifetime,
                                    const crypto::Signer& signer, const Environment& environment) const;
  /// §11.3: a group of some of the members, of the same suite.
  Result<Continuation> branch(GroupId group_id, Extensions extensions, std::vector<KeyPackage> members,
                              LeafDescription leaf, Lifetime lifetime, const crypto::Signer& signer,
                              const Environment& environment) const;

  // Storage.

  /// Everything, with a pending commit and the proposals that wait.
  Result<Bytes> serialize(const SealingKey& key) const;
  static Result<Group> load(const SealingKey& key, ByteView sealed);
  /// Only what `protect` and application messages change: small, to be stored after each. `restore_ratchets`
  /// puts it back into what `load` gave, if that is of the same epoch.
  Result<Bytes> serialize_ratchets(const SealingKey& key) const;
  Result<void> restore_ratchets(const SealingKey& key, ByteView sealed);

 private:
  friend class ExternalJoin;
  struct Pending;
  /// An epoch that is over: enough to open what was sent in it, and nothing else.
  struct PastEpoch {
    PublicState group;
    SecretBytes sender_data_secret;
    SecretTree keys;
  };

  Group(MemberState state, GroupConfig config);

  Result<void> check_can_send(const crypto::Signer& signer) const;
  std::optional<SecretBytes> own_resumption_psk(const PreSharedKeyId& id) const;
  void enter(MemberState next);

  Result<Event> receive_public(const PublicMessage& message, const Environment& environment);
  Result<Event> receive_private(const PrivateMessage& message, const Environment& environment);
  Result<Event> open_application(const PrivateMessage& message, PublicState& group,
                                 ByteView sender_data_secret, SecretTree& keys);
  Result<Event> handle(const VerifiedContent& content, const Environment& environment);
  Result<ProposalRef> keep_proposal(const VerifiedContent& content, const Environment& environment);
  Result<Event> stage(const VerifiedContent& content, const Environment& environment) const;
  Result<MemberState> next_state(const StagedCommit& staged, const VerifiedContent& content,
                                 const Environment& environment) const;
  Result<PrivateTree> private_tree_after(const Changes& changes) const;

  Result<MlsMessage> send_handshake(AuthenticatedContent content);
  Result<CommitBundle> commit_selected(CommitRequest request, std::optional<Psk> continuation,
                                       const crypto::Signer& signer, const Environment& environment);
  Result<CommitBundle> finish_commit(BuiltCommit built, CommitRequest request,
                                     std::span<const KeyPackage* const> added, const crypto::Signer& signer);
  static Result<Continuation> continue_as(NewGroup parameters, std::vector<KeyPackage> members,
                                          ResumptionPskUsage usage, const Group& predecessor,
                                          const crypto::Signer& signer, const Environment& environment);

  void write(tls::Writer& out) const;
  static Result<Group> read(tls::Reader& in);
  void read_proposals(tls::Reader& in);
  void read_past(tls::Reader& in);

  MemberState state_;
  GroupConfig config_;
  bool removed_ = false;
  ProposalCache proposals_;
  std::vector<ProposalRef> arrival_;  // The keys of `proposals_`, oldest first.
  std::map<HpkePublicKey, crypto::HpkePrivateKey>
      own_updates_;                          // Leaf keys of this member's Update proposals.
  std::deque<PastEpoch> past_;               // Newest first.
  std::map<Epoch, SecretBytes> resumption_;  // Of past epochs.
  std::unique_ptr<Pending> pending_;
  std::optional<CommitRequest> lost_;
};

struct Group::Continuation {
  Group group;
  CommitBundle bundle;
};

}  // namespace wardline::mls
