#include "server/identity/device_log.h"

#include <gtest/gtest.h>

#include "lib/merkle/checkpoint.h"
#include "server/audit/migrations.h"
#include "server/audit/sequencer.h"
#include "server/identity/migrations.h"
#include "server/storage/migrations.h"
#include "tests/hospital/identity_harness.h"

namespace wardline::identity {
namespace {

using hospital::must;
using hospital::SoftDevice;
using transparency::CertificateHash;
using transparency::hash_of_certificate;

merkle::NoteSigner log_key() {
  return *merkle::NoteSigner::create("log.example/devices", merkle::NoteKeyType::ed25519, Bytes(32, 7));
}

class DeviceLogTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    hospital_ = std::make_unique<hospital::IdentityHarness>(GetParam());
    anna_ = hospital_->add("anna");
    files_ = *audit::FolderStore::open(hospital_->directory.path() / "device-log");
    sequencer_ =
        std::make_unique<audit::Sequencer>(*hospital_->database, audit::kDeviceLog, *files_, log_key(),
                                           hospital_->clock, core::new_id<audit::NodeId>());
    log_ = std::make_unique<DeviceLog>(hospital_->environment, log_key());
  }

  /// Registers so many devices of as many people; gives their certificates.
  std::vector<Bytes> register_devices(std::size_t count) {
    std::vector<Bytes> certificates;
    for (std::size_t i = 0; i < count; ++i) {
      auto who = hospital_->add("person" + std::to_string(people_++));
      const SoftDevice device;
      const auto started = hospital_->at_device(who, device);
      certificates.push_back(
          must(hospital_->identity->devices().list(hospital::IdentityHarness::requester(started.session)))
              .front()
              .certificate);
    }
    return certificates;
  }
  void sequence() { ASSERT_TRUE(sequencer_->step()); }
  merkle::Checkpoint checkpoint() {
    const std::string text = must(log_->checkpoint());
    return *merkle::open_checkpoint(*merkle::parse_note(text), "log.example/devices", log_key().verifier());
  }
  template <class T>
  static std::string_view code_of(const core::Result<T>& result) {
    return result ? "" : result.error().code;
  }

  std::unique_ptr<hospital::IdentityHarness> hospital_;
  hospital::IdentityHarness::Somebody anna_;
  std::unique_ptr<audit::FolderStore> files_;
  std::unique_ptr<audit::Sequencer> sequencer_;
  std::unique_ptr<DeviceLog> log_;
  int people_ = 0;
};
WARDLINE_ON_EACH_ENGINE(DeviceLogTest);

TEST_P(DeviceLogTest, ARegistrationIsProvenToBeLoggedAfterTheSequencersStepEnc8) {
  EXPECT_EQ(code_of(log_->checkpoint()), "not-logged-yet");
  const auto certificates = register_devices(3);
  EXPECT_EQ(code_of(log_->checkpoint()), "not-logged-yet") << "registration does not wait for the log";
  sequence();
  const auto now = checkpoint();
  ASSERT_EQ(now.size, 3u);
  std::vector<CertificateHash> hashes;
  for (const Bytes& each : certificates) hashes.push_back(hash_of_certificate(each));
  const auto proofs = must(log_->inclusion(3, hashes));
  const auto entries = must(log_->entries(0, 3, 3));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto issued = transparency::parse_entry(entries.entries[proofs[i].index]);
    ASSERT_TRUE(issued);
    EXPECT_EQ(issued->certificate, certificates[i]);
    EXPECT_TRUE(merkle::verify_inclusion(proofs[i].index, 3,
                                         merkle::leaf_hash(as_bytes(transparency::encode_entry(*issued))),
                                         proofs[i].proof, now.root));
  }
}

TEST_P(DeviceLogTest, ProvesThatItOnlyGrows) {
  register_devices(2);
  sequence();
  const auto before = checkpoint();
  register_devices(3);
  sequence();
  const auto after = checkpoint();
  EXPECT_TRUE(merkle::verify_consistency(2, 5, before.root, after.root, must(log_->consistency(2, 5))));
  EXPECT_EQ(code_of(log_->consistency(0, 5)), "no-such-size");
  EXPECT_EQ(code_of(log_->consistency(5, 2)), "no-such-size");
  EXPECT_EQ(code_of(log_->consistency(2, 6)), "no-such-size");
  EXPECT_EQ(code_of(log_->entries(0, 6, 5)), "no-such-range");
  EXPECT_EQ(code_of(log_->entries(1, 3, 5)), "no-such-range");
}

// ENC-8: a certificate by the real device CA in the database is not enough.
TEST_P(DeviceLogTest, ACertificateThatNoRegistrationLoggedIsNeverProven) {
  register_devices(1);
  const SoftDevice ghost;
  const auto key = *crypto::VerificationKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256,
                                                      ghost.key().public_key());
  const Bytes certificate =
      must(hospital_->identity->authority().issue(anna_.id, ghost.id(), key, hospital_->clock.now()));
  must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
    tx.execute(
        "INSERT INTO devices (device_id, user_id, name, signature_key, certificate, storage_share, "
        "created_at, "
        "last_seen_at) VALUES ($1, $2, $3, $4, $5, $3, $6, $6)",
        ghost.id(), anna_.id, ByteView(Bytes{1}), ghost.key().public_key(), certificate,
        hospital_->clock.now());
    return {};
  }));
  sequence();
  const std::vector hashes{hash_of_certificate(certificate)};
  const auto refused = log_->inclusion(1, hashes);
  EXPECT_EQ(code_of(refused), "not-logged-yet");
  EXPECT_EQ(refused.error().facts,
            (std::vector<std::pair<std::string_view, std::int64_t>>{{"retry_after_seconds", 1}}));
  // Nor after a restart of the server: nothing enters devices by itself.
  must(hospital_->identity->purge());
  sequence();
  EXPECT_EQ(code_of(DeviceLog(hospital_->environment, log_key()).inclusion(1, hashes)), "not-logged-yet");
}

TEST_P(DeviceLogTest, AnotherNodeGivesTheSameBytesAsTheFilesOfTheWriter) {
  register_devices(2);
  sequence();
  auto officer = hospital_->add("privacy", policy::Role::privacy_officer);
  const auto started = hospital_->at_new_device(officer);
  const auto who = hospital::IdentityHarness::requester(started.session);
  sequence();
  std::vector<std::string> paths{"checkpoint"};
  for (const merkle::Tile& tile : merkle::new_tiles(0, 3)) paths.push_back(merkle::tile_path(tile));
  for (const std::string& path : paths) EXPECT_EQ(must(log_->file(who, path)), *files_->read(path)) << path;
  EXPECT_EQ(code_of(log_->file(who, "tile/0/001")), "not-found");
  EXPECT_EQ(code_of(log_->file(who, "tile/0/../0/000")), "not-found");
  EXPECT_EQ(hospital_->count_entries(policy::Action::audit_read, audit::Outcome::done), paths.size() + 2);

  const auto anna = hospital_->at_new_device(anna_);
  EXPECT_EQ(code_of(log_->file(hospital::IdentityHarness::requester(anna.session), "checkpoint")),
            "not-permitted");
}

TEST_P(DeviceLogTest, RowsThatDoNotLeadToTheSignedRootAreNotSignedAgain) {
  register_devices(2);
  sequence();
  must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
    tx.execute("UPDATE audit_log SET root = $1 WHERE id = 2", ByteView(Bytes(32, 9)));
    return {};
  }));
  EXPECT_EQ(code_of(log_->checkpoint()), "audit-log-contradicts-database");
  EXPECT_EQ(code_of(log_->checkpoint()), "audit-log-contradicts-database");
}

TEST_P(DeviceLogTest, AnAlarmOfAClientIsInTheAuditLog) {
  const auto started = hospital_->at_new_device(anna_);
  const auto conversation = core::new_id<core::ConversationId>();
  must(log_->report(hospital::IdentityHarness::requester(started.session), DeviceLogProblem::unlogged_device,
                    conversation));
  const auto entry = hospital_->audit_log().back();
  EXPECT_EQ(entry.act.name(), "device-log.report");
  EXPECT_EQ(entry.reason->view(), "unlogged-device");
  EXPECT_EQ(entry.objects, std::vector<audit::Object>{conversation});
}

TEST_P(DeviceLogTest, TheMigrationEntersTheDevicesThatThereWereBefore) {
  std::vector<storage::Migration> before;
  for (const auto& each :
       storage::gather({storage::migrations(), audit::migrations(), identity::migrations()})) {
    if (each.number != 101 && each.number != 102 && each.number != 201) before.push_back(each);
  }
  support::TestDatabase old(GetParam(), before);
  std::vector<std::string> expected;
  must(old->write([&](storage::Transaction& tx) -> core::Result<void> {
    for (int i = 0; i < 3; ++i) {
      const auto user = core::new_id<core::UserId>();
      const auto device = core::new_id<core::DeviceId>();
      const Bytes certificate(300, static_cast<std::uint8_t>(i));
      tx.execute(
          "INSERT INTO users (user_id, username_index, username, name, password, role, employment, active, "
          "created_at) VALUES ($1, $1, $2, $2, $2, 'clinician', 'staff', $3, 0)",
          user, ByteView(Bytes{1}), true);
      tx.execute(
          "INSERT INTO devices (device_id, user_id, name, signature_key, certificate, storage_share, "
          "created_at, "
          "last_seen_at) VALUES ($1, $2, $3, $4, $5, $3, $6, $6)",
          device, user, ByteView(Bytes{1}), ByteView(Bytes(65, static_cast<std::uint8_t>(i))), certificate,
          std::int64_t{i});
      expected.push_back(transparency::encode_entry({user.to_string(), device.to_string(), certificate}));
    }
    return {};
  }));
  const core::ManualClock clock;
  ASSERT_EQ(must(storage::migrate(
                *old, storage::gather({storage::migrations(), audit::migrations(), identity::migrations()}),
                clock)),
            3);
  const auto entered = old->read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<std::string>> {
    std::vector<std::string> entries;
    for (const auto row : tx.query("SELECT entry FROM device_entries ORDER BY position"))
      entries.push_back(row.get<std::string>(0));
    return entries;
  });
  EXPECT_EQ(must(entered), expected);
}

}  // namespace
}  // namespace wardline::identity
