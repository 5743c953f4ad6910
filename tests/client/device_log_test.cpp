// A server that lies about devices, against the client library (ENC-8): what people send is held back, told
// and reported.
#include "client/store/store_key.h"
#include "lib/merkle/checkpoint.h"
#include "tests/client/hospital.h"

namespace wardline::client::testing {
namespace {

/// transparency::LogView::state, to be changed behind its owner's back.
struct KeptView {
  std::uint16_t version = 0;
  std::string key;
  std::uint64_t size = 0;
  merkle::Hash root{};
  std::uint64_t read = 0;
  std::string checkpoint;
  std::vector<transparency::CertificateHash> logged;
  WARDLINE_TLS_FIELDS(version, key, size, root, read, checkpoint, logged)
};

class DeviceLogTest : public HospitalTest {
 protected:
  /// From now on the server registers devices without a word in the log.
  void stop_logging() {
    hospital_.tamper(
        "CREATE TRIGGER no_more_devices BEFORE INSERT ON device_entries BEGIN SELECT RAISE(IGNORE); END");
  }
  /// Makes that person's device believe that another one is in the log.
  static void deceive(Seat& victim, const Seat& ghost) {
    const auto chain = ghost.access->profile().device()->certificate_chain;
    const auto device = victim.access->profile().device();
    const auto share = victim.client->api().storage_share();
    victim.client.reset();
    {
      auto store = SealedStore::open(victim.access->profile().state_file(),
                                     derive_store_key(device->local_secret, *share, StorePurpose::records));
      const Bytes name = text_key("device-log-view");
      auto record = decode_record<LogViewRecord>(**store->get(Table::facts, name));
      auto view = tls::decode<KeptView>(record->state);
      view->logged.push_back(transparency::hash_of_certificate(chain.front()));
      std::ranges::sort(view->logged);
      record->state = tls::encode(*view);
      Changes changes;
      put(changes, name, *record);
      ASSERT_TRUE(store->write(changes));
    }
    victim.open_client();
  }
  std::string refusal(const Outcome<Sent>& sent) { return sent ? "sent" : sent.error().code; }
};

TEST_F(DeviceLogTest, Enc8NobodyIsWrittenToOnADeviceThatIsInNoLog) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  stop_logging();
  Seat kwame(hospital_, "kwame.mensah");
  const auto id = begin(ruth, {&samuel}, ConversationKind::group);
  EXPECT_EQ(ruth.client->start({.user_ids = {kwame.user_id()}, .confirmed = kEverybody}).error().code,
            "untrusted-device");
  EXPECT_EQ(ruth.client->add(id, {kwame.user_id()}, kEverybody).error().code, "untrusted-device");
  ASSERT_TRUE(ruth.send(id, "Among us")) << "who is logged is written to";
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), Texts{"Among us"});
  EXPECT_EQ(ruth.client->device_log().alarm(), "");
}

TEST_F(DeviceLogTest, Enc8AConversationThatADeceivedMemberLetsAnUnloggedDeviceIntoIsHeldUntilItIsLogged) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel}, ConversationKind::group);
  hospital_.tamper("CREATE TABLE kept_back (entry TEXT)");
  hospital_.tamper(
      "CREATE TRIGGER kept_back_now BEFORE INSERT ON device_entries BEGIN INSERT INTO kept_back VALUES "
      "(NEW.entry); SELECT RAISE(IGNORE); END");
  Seat kwame(hospital_, "kwame.mensah");
  deceive(samuel, kwame);
  const auto added = samuel.client->add(id, {kwame.user_id()}, kEverybody);
  ASSERT_TRUE(added) << added.error().code << ": " << added.error().detail;
  ASSERT_TRUE(samuel.send(id, "With Kwame"));

  ruth.sync();
  EXPECT_TRUE(ruth.client->conversation(id)->untrusted);
  EXPECT_EQ(ruth.texts(id), Texts{}) << "nothing of an epoch with that device";
  EXPECT_EQ(refusal(ruth.send(id, "To whom?")), "untrusted-device");
  ruth.sync();
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), Texts{"With Kwame"}) << "kept, and not sent";
  EXPECT_EQ(hospital_.count("SELECT COUNT(*) FROM audit_entries WHERE entry LIKE '%unlogged-device%'"), 1)
      << "told to the organisation, once";

  hospital_.tamper("DROP TRIGGER kept_back_now");
  hospital_.tamper("INSERT INTO device_entries (entry) SELECT entry FROM kept_back");
  ruth.follow(3);
  ruth.sync();
  EXPECT_FALSE(ruth.client->conversation(id)->untrusted);
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), (Texts{"With Kwame", "To whom?"})) << "what was held goes out";
}

TEST_F(DeviceLogTest, Enc8ALogThatWasRolledBackHoldsAllSendingUntilItIsWholeAgain) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel});
  ASSERT_TRUE(samuel.send(id, "Before"));
  hospital_.stop();
  hospital_.save("older");
  hospital_.start();
  Seat grace(hospital_, "grace.okafor");
  ASSERT_EQ(ruth.follow(3), 3U);
  hospital_.stop();
  hospital_.save("newer");
  hospital_.restore("older");
  hospital_.start();

  ruth.sync();
  EXPECT_EQ(ruth.client->device_log().alarm(), "rolled-back");
  EXPECT_EQ(ruth.texts(id), Texts{"Before"}) << "what others wrote can still be read";
  EXPECT_EQ(refusal(ruth.send(id, "Held")), "device-log-alarm");
  EXPECT_EQ(ruth.client->start({.user_ids = {samuel.user_id()}}).error().code, "device-log-alarm");
  EXPECT_EQ(hospital_.count("SELECT COUNT(*) FROM audit_entries WHERE entry LIKE '%rolled-back%'"), 1);
  ruth.crash();
  ruth.open_client();
  EXPECT_EQ(ruth.client->device_log().alarm(), "rolled-back") << "nor is it forgotten";
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), Texts{"Before"});

  hospital_.stop();
  hospital_.restore("newer");
  hospital_.start();
  ruth.sync();
  EXPECT_EQ(ruth.client->device_log().alarm(), "");
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), (Texts{"Before", "Held"})) << "what was held goes out";
}

TEST_F(DeviceLogTest, Enc8TwoHistoriesComeToLightWhenMembersWriteToEachOther) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel});
  ASSERT_TRUE(samuel.send(id, "The same log"));
  ruth.sync();
  EXPECT_EQ(ruth.client->device_log().alarm(), "");

  // A note that the log's key has not signed says nothing of the log.
  ASSERT_TRUE(samuel.client->send(
      {.conversation_id = id, .content = {.text = "Nonsense", .device_log = "localhost/devices\n9\n"}}));
  ruth.sync();
  EXPECT_EQ(ruth.client->device_log().alarm(), "");

  // What the server has shown to Samuel alone, signed with the key of the one log.
  const auto shown =
      merkle::sign_checkpoint({"localhost/devices", 1, merkle::Hash{1}, {}}, hospital_.device_log_key());
  ASSERT_TRUE(shown);
  ASSERT_TRUE(samuel.client->send(
      {.conversation_id = id, .content = {.text = "Another", .device_log = merkle::format_note(*shown)}}));
  ruth.sync();
  EXPECT_EQ(ruth.texts(id), (Texts{"The same log", "Nonsense", "Another"}));
  EXPECT_FALSE(ruth.client->messages(id)->back().content.device_log) << "compared, and not kept";
  EXPECT_EQ(ruth.client->device_log().alarm(), "members-differ");
  EXPECT_EQ(refusal(ruth.send(id, "Held")), "device-log-alarm");
  ruth.sync();
  EXPECT_EQ(ruth.client->device_log().alarm(), "members-differ")
      << "no later check takes back what was proven";
  EXPECT_EQ(hospital_.count("SELECT COUNT(*) FROM audit_entries WHERE entry LIKE '%members-differ%'"), 1);
}

TEST_F(DeviceLogTest, Enc8AnotherKeyOfTheLogThanTheOneThatWasPinnedIsAnAlarm) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel});
  hospital_.tamper("DELETE FROM audit_keys WHERE name = 'device-log'");
  hospital_.stop();
  hospital_.start();
  ruth.crash();
  ruth.open_client();
  EXPECT_EQ(ruth.client->device_log().alarm(), "other-key");
  EXPECT_EQ(refusal(ruth.send(id, "Held")), "device-log-alarm");
}

TEST_F(DeviceLogTest, Enc8ADeviceInOnesOwnNameIsToldUntilThePersonKnowsIt) {
  Seat ruth(hospital_, "ruth.cohen");
  ASSERT_EQ(ruth.follow(1), 1U);
  EXPECT_TRUE(ruth.client->device_log().added().empty());
  Seat desk(hospital_, "ruth.cohen", ruth.totp(), ".desk");
  ruth.follow(2);
  ASSERT_EQ(ruth.client->device_log().added().size(), 1U);
  EXPECT_EQ(ruth.client->device_log().added().front().device_id, desk.client->me().device_id);
  ruth.crash();
  ruth.open_client();
  ASSERT_EQ(ruth.client->device_log().added().size(), 1U);
  ASSERT_TRUE(ruth.client->device_log().is_mine(desk.client->me().device_id));
  ruth.crash();
  ruth.open_client();
  EXPECT_TRUE(ruth.client->device_log().added().empty());
}

}  // namespace
}  // namespace wardline::client::testing
