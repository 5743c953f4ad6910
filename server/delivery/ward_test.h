// What the tests of delivery have in common: a server side on either engine, and devices that are real MLS
// members.
#pragma once

#include <future>
#include <map>

#include <gtest/gtest.h>

#include "lib/mls/member/group.h"
#include "server/audit/migrations.h"
#include "server/delivery/conversations.h"
#include "server/delivery/creation.h"
#include "server/delivery/handshakes.h"
#include "server/delivery/inbox.h"
#include "server/delivery/key_packages.h"
#include "server/delivery/migrations.h"
#include "server/delivery/receipts.h"
#include "server/delivery/removals.h"
#include "server/delivery/sender.h"
#include "server/storage/keys/file_kms.h"
#include "server/storage/migrations.h"
#include "tests/support/test_database.h"

namespace wardline::delivery {

inline std::vector<storage::Migration> all_migrations() {
  std::vector<storage::Migration> all;
  for (const auto& some : {storage::migrations(), audit::migrations(), delivery::migrations()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

/// The people of a test: devices name themselves in basic credentials (user id, then device id).
class TestPeople final : public People {
 public:
  struct Person {
    std::vector<core::DeviceId> devices;
    bool active = true;
    bool confirmed = true;
    bool on_care_team = true;
  };

  std::vector<core::DeviceId> active_devices(storage::ReadTransaction&, core::UserId user) override {
    return people[user].active ? people[user].devices : std::vector<core::DeviceId>();
  }
  bool is_active_device(storage::ReadTransaction& tx, core::UserId user, core::DeviceId device) override {
    const auto devices = active_devices(tx, user);
    return std::ranges::find(devices, device) != devices.end();
  }
  std::optional<policy::Recipient> recipient(storage::ReadTransaction&, core::UserId, core::UserId to,
                                             std::optional<core::PatientId>) override {
    if (!people.contains(to)) return std::nullopt;
    return policy::Recipient{.user = to,
                             .active = people[to].active,
                             .contact_confirmed = people[to].confirmed,
                             .on_care_team = people[to].on_care_team};
  }
  std::optional<PatientMatch> find_match(core::UserId, std::string_view match_id) override {
    if (match_id != "good") return std::nullopt;
    return PatientMatch{core::new_id<core::PatientId>(), "mrn,birth_date"};
  }
  std::optional<Owner> owner_of(const mls::Credential& credential, core::Time) const override {
    const auto* basic = std::get_if<mls::BasicCredential>(&credential.value);
    if (!basic || basic->identity.size() != 32) return std::nullopt;
    const ByteView identity(basic->identity);
    return Owner{*core::UserId::from_bytes(identity.first(16)),
                 *core::DeviceId::from_bytes(identity.subspan(16))};
  }

  std::map<core::UserId, Person> people;
};

/// The client side's idea of whom to believe: everybody who has a credential of the right form, and the
/// server.
class BelieveTestCredentials final : public mls::CredentialValidator {
 public:
  bool accepts(const mls::Credential&, const mls::SignaturePublicKey&, mls::CredentialRole) const override {
    return true;
  }
  bool accepts_successor(const mls::Credential& before, const mls::Credential& after) const override {
    return before == after;
  }
};

/// One browser of one person.
struct TestDevice {
  core::UserId user;
  core::DeviceId device;
  crypto::SigningKey signer;
  mls::LeafDescription leaf;
  std::vector<mls::KeyPackageBundle> packages = {};
  std::map<core::ConversationId, mls::Group> groups = {};
  policy::Role role = policy::Role::clinician;

  policy::Subject subject() const {
    return {.user = user, .role = role, .stage = policy::Stage::device_bound, .device = device};
  }
  mls::Group& group(core::ConversationId conversation) { return groups.at(conversation); }
};

class Ward {
 public:
  explicit Ward(storage::Engine engine)
      : database(engine, all_migrations()),
        kms(*storage::FileKms::create(keys_directory.path() / "kms")),
        keys(*kms, clock),
        sealer(keys),
        patients(SecretBytes(ByteView(Bytes(32, 7)))),
        journal(clock, patients),
        server_key(*crypto::SigningKey::generate(crypto::SignatureAlgorithm::ecdsa_p256_sha256)),
        owners(people, clock, server_key.public_key()),
        groups(owners, clock,
               {server_key.public_key(), mls::Credential::basic(to_bytes(as_bytes("wardline")))}) {
    restart();
  }

  /// Everything that a process would lose is made anew on the same database.
  void restart() {
    sender.reset();
    receipts.reset();
    memberships = std::make_unique<MembershipCache>();
    parts.emplace(
        DeliveryParts{*database, policy::built_in_policy(), clock, sealer, journal, *memberships, hub});
    conversations.emplace(*parts);
    creation.emplace(*parts, people, groups);
    removals.emplace(*parts, groups, server_key);
    handshakes.emplace(*parts, people, groups, *removals);
    inbox.emplace(*parts);
    key_packages.emplace(*parts, people, owners);
    sender = std::make_unique<Sender>(*parts);
    receipts = std::make_unique<Receipts>(*parts);
  }

  TestDevice new_device(std::optional<core::UserId> user = std::nullopt);
  std::vector<Bytes> publish(TestDevice& device, int count);
  /// Everything that a client does to begin a conversation. The server has accepted it when this returns.
  core::ConversationId begin(TestDevice& creator, std::vector<TestDevice*> others,
                             ConversationKind kind = ConversationKind::direct);
  CreateConversation creation_request(TestDevice& creator, core::ConversationId conversation,
                                      const std::vector<TestDevice*>& others, ConversationKind kind);
  /// Takes the Welcomes that wait, joins, and deletes them.
  void join(TestDevice& device);
  /// Whoever these tests write to works elsewhere: they have no services.
  static Answers confirming(const std::vector<core::UserId>& users) {
    return {{users.begin(), users.end()}, {}};
  }
  SendRequest message(TestDevice& device, core::ConversationId conversation, std::string_view text);
  core::Result<Sent> send(SendRequest request);
  core::Result<void> receipt(const TestDevice& device, core::ConversationId conversation, ReceiptMarks marks);
  /// A commit of `request` as it goes to the server. It stays pending in the device's group.
  SendCommit commit(TestDevice& device, core::ConversationId conversation, mls::CommitRequest request);
  mls::Proposal add_of(TestDevice& device);
  /// What a device does that has no group, or cannot follow it any more: the external commit, by which it
  /// replaces what it was.
  core::Result<Committed> join_anew(TestDevice& device, core::ConversationId conversation);
  /// Applies every entry after `after` to the device's group; gives the texts that it could read.
  std::vector<std::string> catch_up(TestDevice& device, core::ConversationId conversation,
                                    std::int64_t after);
  /// The audit log, in the order in which it was written.
  std::vector<audit::Entry> entries();
  std::int64_t audit_entries(std::string_view act, std::string_view outcome);

  mls::Validation client_validation() const {
    return {.credentials = believe,
            .lifetimes =
                mls::LifetimeCheck{.now = static_cast<std::uint64_t>(clock.now().microseconds / 1'000'000)}};
  }
  mls::Lifetime lifetime() const {
    const auto now = static_cast<std::uint64_t>(clock.now().microseconds / 1'000'000);
    return {now - 3600, now + 30 * 24 * 3600};
  }

  core::ManualClock clock;
  support::TemporaryDirectory keys_directory;
  support::TestDatabase database;
  std::unique_ptr<storage::Kms> kms;
  storage::KeyRing keys;
  BodySealer sealer;
  audit::PatientReferenceKey patients;
  Journal journal;
  TestPeople people;
  BelieveTestCredentials believe;
  crypto::SigningKey server_key;
  LeafOwners owners;
  Groups groups;
  Hub hub;
  std::unique_ptr<MembershipCache> memberships;
  std::optional<DeliveryParts> parts;
  std::optional<Conversations> conversations;
  std::optional<Creation> creation;
  std::optional<Handshakes> handshakes;
  std::optional<Inbox> inbox;
  std::optional<KeyPackages> key_packages;
  std::optional<Removals> removals;
  std::unique_ptr<Sender> sender;
  std::unique_ptr<Receipts> receipts;
};

}  // namespace wardline::delivery
