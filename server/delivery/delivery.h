// The delivery service (RFC 9750) as the rest of the server sees it: its parts, made and wired together.
#pragma once

#include "server/delivery/creation.h"
#include "server/delivery/handshakes.h"
#include "server/delivery/inbox.h"
#include "server/delivery/key_packages.h"
#include "server/delivery/receipts.h"
#include "server/delivery/removals.h"
#include "server/delivery/send_decision.h"
#include "server/delivery/sender.h"

namespace wardline::delivery {

/// What delivery is given. All of it outlives the service.
struct DeliverySetup {
  storage::Database& database;
  storage::KeyRing& keys;
  const policy::Policy& policy;
  const core::Clock& clock;
  const audit::PatientReferenceKey& patients;
  People& people;
  /// The server's key as external sender of every group, P-256, and the credential that names it.
  const crypto::Signer& external_sender;
  mls::Credential external_sender_credential;
};

class Delivery {
 public:
  explicit Delivery(const DeliverySetup& setup)
      : sealer_(setup.keys),
        journal_(setup.clock, setup.patients),
        owners_(setup.people, setup.clock, setup.external_sender.public_key()),
        groups(owners_, setup.clock, {setup.external_sender.public_key(), setup.external_sender_credential}),
        parts_{setup.database, setup.policy, setup.clock, sealer_, journal_, memberships_, hub},
        conversations(parts_),
        creation(parts_, setup.people, groups),
        removals(parts_, groups, setup.external_sender),
        handshakes(parts_, setup.people, groups, removals),
        inbox(parts_),
        key_packages(parts_, setup.people, owners_),
        send_decision(parts_, setup.people),
        sender(parts_),
        receipts(parts_) {}

  /// Tells the others of a conversation that somebody writes. Passing news: nothing is stored, and where the
  /// conversation has not been used lately nothing is said.
  void typing(const policy::Subject& subject, core::ConversationId conversation) {
    const MembershipPtr membership = memberships_.find(conversation);
    const MemberDevice* device = membership ? membership->find(subject.device.value()) : nullptr;
    if (!device || device->removal_pending) return;
    hub.notify_conversation(conversation, TypingNotice{conversation, subject.user});
  }

 private:
  BodySealer sealer_;
  Journal journal_;
  LeafOwners owners_;
  MembershipCache memberships_;

 public:
  Hub hub;
  Groups groups;

 private:
  DeliveryParts parts_;

 public:
  Conversations conversations;
  Creation creation;
  Removals removals;
  Handshakes handshakes;
  Inbox inbox;
  KeyPackages key_packages;
  SendDecisions send_decision;
  Sender sender;
  Receipts receipts;
};

}  // namespace wardline::delivery
