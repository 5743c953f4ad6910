// A taken-over server against clients (ENC-8): it has the device CA, the database and the key of the device
// log, and still cannot slip a device in unseen.
#include <algorithm>

#include <gtest/gtest.h>

#include "lib/conversation/conversation.h"
#include "lib/conversation/device_log_follower.h"
#include "lib/conversation/key_packages.h"
#include "lib/mls/public/decode.h"
#include "server/audit/sequencer.h"
#include "server/identity/device_log.h"
#include "tests/hospital/identity_harness.h"

namespace wardline {
namespace {

using conversation::Code;
using conversation::Context;
using conversation::Conversation;
using conversation::ConversationId;
using conversation::DeviceLogFollower;
using hospital::IdentityHarness;
using hospital::must;
using hospital::SoftDevice;

mls::SealingKey sealing_key() { return *mls::SealingKey::create(SecretBytes(Bytes(32, 1))); }

/// What a server serves about devices: honest, or with a log of its own for some of its clients.
class DeviceLogServer {
 public:
  DeviceLogServer(IdentityHarness& hospital, const std::filesystem::path& folder)
      : files_(*audit::FolderStore::open(folder)),
        sequencer_(*hospital.database, audit::kDeviceLog, *files_, key(), hospital.clock,
                   core::new_id<audit::NodeId>()),
        log(hospital.environment, key()) {}

  static merkle::NoteSigner key() {
    return *merkle::NoteSigner::create("log.example/devices", merkle::NoteKeyType::ed25519, Bytes(32, 7));
  }
  void sequence() { EXPECT_TRUE(sequencer_.step()); }

 private:
  std::unique_ptr<audit::FolderStore> files_;
  audit::Sequencer sequencer_;

 public:
  identity::DeviceLog log;
};

/// What clients ask, answered by a server as it is.
class HonestSource final : public conversation::DeviceLogSource {
 public:
  explicit HonestSource(identity::DeviceLog& log) : log_(log) {}

  Answer<std::string> checkpoint() override { return answer(log_.checkpoint()); }
  Answer<merkle::Proof> consistency(std::uint64_t from, std::uint64_t to) override {
    return answer(log_.consistency(from, to));
  }
  Answer<std::vector<conversation::LoggedCertificate>> inclusion(
      std::uint64_t size, std::span<const transparency::CertificateHash> certificates) override {
    ++asked;
    const auto found = answer(log_.inclusion(size, certificates));
    if (!found) return std::unexpected(found.error());
    std::vector<conversation::LoggedCertificate> logged;
    for (const auto& each : *found) logged.push_back({each.certificate, each.index, each.proof});
    return logged;
  }
  Answer<Entries> entries(transparency::LogView::Range range, std::uint64_t size) override {
    auto said = answer(log_.entries(range.first, range.last, size));
    if (!said) return std::unexpected(said.error());
    return Entries{std::move(said->entries), std::move(said->proof)};
  }

  int asked = 0;

 private:
  template <class T>
  static Answer<T> answer(core::Result<T> result) {
    if (result) return std::move(*result);
    return std::unexpected(result.error().code == "not-logged-yet" ? Refusal::not_logged_yet
                                                                   : Refusal::refused);
  }
  identity::DeviceLog& log_;
};

/// A device with what its client keeps of the device log.
struct Client {
  conversation::Device device;
  std::unique_ptr<Context> context;
  std::unique_ptr<HonestSource> source;
  std::unique_ptr<DeviceLogFollower> follower;

  conversation::NewMember invite() const {
    const auto made =
        conversation::make_key_packages(1, conversation::LastResort::no, sealing_key(), *context);
    return {device, made->front().key_package};
  }
};

/// A log under the real key that goes on otherwise than the real one, shown to one client.
class OtherLog {
 public:
  explicit OtherLog(const std::vector<std::string>& begin) {
    for (const std::string& entry : begin) tree_.append(merkle::leaf_hash(as_bytes(entry)));
  }
  void show(const Client& to, const Client& device) {
    const auto& credential = std::get<mls::X509Credential>(device.context->leaf().credential.value);
    tree_.append(merkle::leaf_hash(as_bytes(transparency::encode_entry(
        {device.device.user_id, device.device.device_id, credential.certificates.front()}))));
    const std::uint64_t size = tree_.size();
    const std::string checkpoint = merkle::format_note(*merkle::sign_checkpoint(
        {"log.example/devices", size, *tree_.root_at(size), {}}, DeviceLogServer::key()));
    const auto seen = to.context->log_status().size;
    EXPECT_TRUE(to.context->learn(checkpoint, *merkle::consistency_proof(tree_, seen, size)));
    if (first.empty()) first = checkpoint;
  }
  /// Her client asks for a proof and gets it, from this log.
  template <class Work>
  auto deceive(const Client& victim, Work work) -> decltype(work()) {
    const auto refused = work();
    EXPECT_EQ(refused.error().code, Code::unlogged_device);
    const std::uint64_t size = tree_.size();
    const conversation::LoggedCertificate logged{refused.error().unlogged.front(), size - 1,
                                                 *merkle::inclusion_proof(tree_, size - 1, size)};
    EXPECT_TRUE(victim.context->prove(std::span(&logged, 1)));
    return work();
  }

  std::string first;  ///< the first checkpoint with a lie in it

 private:
  merkle::HashTree tree_;
};

class GhostDevice : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    hospital_ = std::make_unique<IdentityHarness>(GetParam());
    server_ = std::make_unique<DeviceLogServer>(*hospital_, hospital_->directory.path() / "device-log");
    ann_ = client(hospital_->add("ann"));
    ben_person_ = hospital_->add("ben");
    ben_ = client(ben_person_);
    server_->sequence();
  }

  Client client(IdentityHarness::Somebody&& who) { return client(who); }
  /// The first time, the person's second factor is enrolled too, and kept in `who`.
  Client client(IdentityHarness::Somebody& who) {
    const SoftDevice device;
    const auto started = hospital_->at_device(who, device);
    const auto listed =
        must(hospital_->identity->devices().list(IdentityHarness::requester(started.session)));
    const auto own = std::ranges::find(listed, device.id(), &identity::Device::id);
    return client(who.id, device, own->certificate);
  }
  Client client(core::UserId user, const SoftDevice& device, const Bytes& certificate) {
    const conversation::Identity identity{
        .suite = mls::CipherSuite::p256_aes128gcm_sha256_p256,
        .device = {user.to_string(), device.id().to_string()},
        .certificate_chain = {certificate},
        .external_sender = tls::encode(mls::ExternalSender{
            sender_.key().public_key(), mls::Credential::basic(to_bytes(as_bytes("server")))}),
        .device_ca = hospital_->identity->authority().certificate().der(),
        .device_log_key = server_->log.key(),
        .device_log = {}};
    auto signer = crypto::SigningKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256,
                                               device.key().to_raw().view());
    auto context = Context::create(identity, std::make_unique<crypto::SigningKey>(std::move(*signer)),
                                   hospital_->clock.now().microseconds);
    EXPECT_TRUE(context) << context.error().rule_text();
    auto source = std::make_unique<HonestSource>(server_->log);
    auto follower = std::make_unique<DeviceLogFollower>(
        **context, *source, DeviceLogFollower::Host{[](const auto&) {}, [this] { server_->sequence(); }});
    return {identity.device, std::move(*context), std::move(source), std::move(follower)};
  }
  /// By the real device CA, for this person, in the database: only a registration it never was.
  Client ghost_of(core::UserId user) {
    const SoftDevice device;
    const auto key = *crypto::VerificationKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256,
                                                        device.key().public_key());
    const Bytes certificate =
        must(hospital_->identity->authority().issue(user, device.id(), key, hospital_->clock.now()));
    must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
      tx.execute(
          "INSERT INTO devices (device_id, user_id, name, signature_key, certificate, storage_share, "
          "created_at, last_seen_at) VALUES ($1, $2, $3, $4, $5, $3, $6, $6)",
          device.id(), user, ByteView(Bytes{1}), device.key().public_key(), certificate,
          hospital_->clock.now());
      return {};
    }));
    server_->sequence();
    return client(user, device, certificate);
  }
  auto create(const Client& by, const std::vector<conversation::NewMember>& members) {
    return by.follower->trusting(
        [&] { return Conversation::create(ConversationId{1}, members, sealing_key(), *by.context); });
  }
  static mls::MlsMessage decoded(const Bytes& message) { return *mls::decode_message(message); }

  std::unique_ptr<IdentityHarness> hospital_;
  std::unique_ptr<DeviceLogServer> server_;
  const SoftDevice sender_;  // The delivery service as external sender: one for everybody.
  Client ann_;
  Client ben_;
  IdentityHarness::Somebody ben_person_;
};
WARDLINE_ON_EACH_ENGINE(GhostDevice);

TEST_P(GhostDevice, IsNotLetIntoAConversationAlthoughTheRealDeviceCaCertifiedItEnc8) {
  const Client ghost = ghost_of(ben_person_.id);
  const auto refused = create(ann_, {ben_.invite(), ghost.invite()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unlogged_device);
  EXPECT_TRUE(create(ann_, {ben_.invite()})) << "who is logged is let in";
  ASSERT_EQ(refused.error().unlogged.size(), 1u) << "and is not taken for somebody else";
  EXPECT_EQ(refused.error().unlogged.front(),
            transparency::hash_of_certificate(
                std::get<mls::X509Credential>(ghost.context->leaf().credential.value).certificates.front()));
}

TEST_P(GhostDevice, IsRefusedInACommitOfADeceivedMemberWhichChangesNothing) {
  auto anns = create(ann_, {ben_.invite()});
  ASSERT_TRUE(anns);
  const auto key = sealing_key();
  const auto package =
      conversation::make_key_packages(1, conversation::LastResort::no, key, *ben_.context)->front();
  anns = create(ann_, {{ben_.device, package.key_package}});
  ASSERT_TRUE(anns);
  ASSERT_TRUE(anns->conversation.merge_pending(*ann_.context));
  const auto welcome = decoded(*anns->created.first.pending.welcome);
  const auto bundle = *mls::KeyPackageBundle::unseal(key, package.sealed);
  auto bens = ben_.follower->trusting([&] {
    return Conversation::join(*welcome.as<mls::Welcome>(), {}, bundle, sealing_key(), *ben_.context);
  });
  ASSERT_TRUE(bens) << bens.error().rule_text();

  // The server shows Ann a log of her own, signed with the real key, in which the ghost is an entry.
  const Client ghost = ghost_of(ben_person_.id);
  OtherLog hers(must(server_->log.entries(0, 2, 2)).entries);
  hers.show(ann_, ghost);
  const auto slipped =
      hers.deceive(ann_, [&] { return anns->conversation.commit({{ghost.invite()}, {}}, *ann_.context); });
  ASSERT_TRUE(slipped) << slipped.error().rule_text();

  const auto commit = decoded(slipped->pending.commit);
  const auto before = bens->conversation.describe(*ben_.context);
  const auto refused =
      ben_.follower->trusting([&] { return bens->conversation.process(commit, *ben_.context); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unlogged_device);
  EXPECT_EQ(bens->conversation.describe(*ben_.context).epoch, before.epoch);
  EXPECT_EQ(bens->conversation.describe(*ben_.context).members, before.members);

  // Nor does somebody who is invited join a group that holds it.
  ASSERT_TRUE(anns->conversation.merge_pending(*ann_.context));
  const Client dia = client(hospital_->add("dia"));
  server_->sequence();
  hers.show(ann_, dia);
  const auto dias =
      conversation::make_key_packages(1, conversation::LastResort::no, key, *dia.context)->front();
  const auto invited = hers.deceive(
      ann_, [&] { return anns->conversation.commit({{{dia.device, dias.key_package}}, {}}, *ann_.context); });
  ASSERT_TRUE(invited) << invited.error().rule_text();
  const auto invitation = decoded(*invited->pending.welcome);
  const auto joined = dia.follower->trusting([&] {
    return Conversation::join(*invitation.as<mls::Welcome>(), {},
                              *mls::KeyPackageBundle::unseal(key, dias.sealed), sealing_key(), *dia.context);
  });
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().code, Code::unlogged_device);

  // And when Ann and Ben compare what they were shown, the two logs come to light.
  for (const std::string name : {"eve", "fay"}) client(hospital_->add(name));
  server_->sequence();
  EXPECT_EQ(ben_.follower->compare(hers.first).error().alarm, transparency::Alarm::forked);
  EXPECT_EQ(ann_.follower->check().error().alarm, transparency::Alarm::forked);
  EXPECT_TRUE(ben_.follower->compare(dia.context->log_status().checkpoint)) << "who saw the same log agrees";
}

TEST_P(GhostDevice, ADeviceThatRegisteredThisSecondIsProvenAsSoonAsTheLogIsWritten) {
  ASSERT_TRUE(ann_.follower->check());
  const Client fresh = client(hospital_->add("fresh"));
  ASSERT_TRUE(create(ann_, {ben_.invite(), fresh.invite()}))
      << "the sequencer came to it while the client waited";
  EXPECT_GT(ann_.source->asked, 1);
  const int asked = ann_.source->asked;
  ASSERT_TRUE(create(ann_, {ben_.invite(), fresh.invite()}));
  EXPECT_EQ(ann_.source->asked, asked) << "who was proven is not asked about again";
}

TEST_P(GhostDevice, ThatIsLoggedAfterAllIsToldToItsPersonOnTheDevicesThatTheyHave) {
  ASSERT_TRUE(ben_.follower->check());
  const Client mine = client(ben_person_);
  client(hospital_->add("eve"));
  server_->sequence();
  const auto told = ben_.follower->check();
  ASSERT_TRUE(told) << told.error().rule_text();
  ASSERT_EQ(told->size(), 1u);
  EXPECT_EQ(told->front().device_id, mine.device.device_id);
  EXPECT_EQ(ben_.follower->check()->size(), 0u) << "once";
}

TEST_P(GhostDevice, AnotherKeyOfTheLogThanTheOneThatWasKeptIsAnAlarm) {
  ASSERT_TRUE(ann_.follower->check());
  conversation::Identity identity{
      .suite = mls::CipherSuite::p256_aes128gcm_sha256_p256,
      .device = ann_.device,
      .certificate_chain = std::get<mls::X509Credential>(ann_.context->leaf().credential.value).certificates,
      .external_sender = tls::encode(ann_.context->server()),
      .device_ca = hospital_->identity->authority().certificate().der(),
      .device_log_key =
          merkle::NoteSigner::create("log.example/devices", merkle::NoteKeyType::ed25519, Bytes(32, 8))
              ->verifier()
              .to_text(),
      .device_log = ann_.context->log_status().state};
  const auto refused = Context::create(identity,
                                       std::make_unique<crypto::SigningKey>(*crypto::SigningKey::generate(
                                           crypto::SignatureAlgorithm::ecdsa_p256_sha256)),
                                       hospital_->clock.now().microseconds);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().alarm, transparency::Alarm::other_key);
}

}  // namespace
}  // namespace wardline
