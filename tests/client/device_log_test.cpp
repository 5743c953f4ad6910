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
  /// Changes what that person's device keeps, behind its back.
  template <class Change>
  static void alter(Seat& seat, const Change& change) {
    const auto device = seat.access->profile().device();
    const auto share = seat.client->api().storage_share();
    seat.client.reset();
    {
      auto store = SealedStore::open(seat.access->profile().state_file(),
                                     derive_store_key(device->local_secret, *share, StorePurpose::records));
      ASSERT_TRUE(store);
      change(*store);
    }
    seat.open_client();
  }
  static KeptView view_of(const SealedStore& store) {
    return *tls::decode<KeptView>(
        decode_record<LogViewRecord>(**store.get(Table::facts, text_key("device-log-view")))->state);
  }
  static transparency::CertificateHash certificate_of(const Seat& seat) {
    return transparency::hash_of_certificate(seat.access->profile().device()->certificate_chain.front());
  }
  static bool knows(Seat& seat, const Seat& other) {
    bool found = false;
    alter(seat, [&](SealedStore& store) {
      const auto logged = view_of(store).logged;
      found = std::ranges::find(logged, certificate_of(other)) != logged.end();
    });
    return found;
  }
  /// Makes that person's device believe that another one is in the log.
  static void deceive(Seat& victim, const Seat& ghost) {
    alter(victim, [&](SealedStore& store) {
      KeptView view = view_of(store);
      view.logged.push_back(certificate_of(ghost));
      std::ranges::sort(view.logged);
      Changes changes;
      put(changes, text_key("device-log-view"), LogViewRecord{tls::encode(view)});
      ASSERT_TRUE(store.write(changes));
    });
  }
  /// What a device has that was last used before there was a device log: conversations as they were written
  /// then, and nothing about who in them was proven.
  static void turn_back(Seat& seat) {
    alter(seat, [](SealedStore& store) {
      Changes changes;
      for (const auto* fact :
           {"device-log-pins", "device-log-view", "device-log-trust", "device-log-refused"})
        changes.remove(Table::facts, text_key(fact));
      const auto rows = store.list(Table::conversations, {});
      ASSERT_TRUE(rows);
      for (const Row& row : *rows) {
        ConversationRecordBeforeDeviceLog older;
        static_cast<ConversationRecord&>(older) = *decode_record<ConversationRecord>(row.value);
        changes.put(Table::conversations, row.key, encode_record(older));
      }
      ASSERT_TRUE(store.write(changes));
    });
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

TEST_F(DeviceLogTest, Enc8ADeviceFromBeforeTheLogHasWhoIsInItsConversationsProvenBeforeItSends) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel});
  ASSERT_TRUE(ruth.send(id, "Then"));
  turn_back(ruth);
  EXPECT_FALSE(knows(ruth, samuel)) << "nobody has sent anything yet";
  const auto sent = ruth.send(id, "Now");
  ASSERT_TRUE(sent) << sent.error().code << ": " << sent.error().detail;
  EXPECT_TRUE(knows(ruth, samuel));
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), (Texts{"Then", "Now"}));
}

TEST_F(DeviceLogTest, Enc8AnUnloggedDeviceFromBeforeTheLogHoldsItsConversationUntilItIsRemoved) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel}, ConversationKind::group);
  stop_logging();
  Seat kwame(hospital_, "kwame.mensah");
  deceive(samuel, kwame);
  deceive(ruth, kwame);
  ASSERT_TRUE(samuel.client->add(id, {kwame.user_id()}, kEverybody));
  ruth.sync();
  ASSERT_FALSE(ruth.client->conversation(id)->untrusted);
  turn_back(ruth);

  EXPECT_EQ(refusal(ruth.send(id, "To whom?")), "untrusted-device");
  EXPECT_TRUE(ruth.client->conversation(id)->untrusted);
  EXPECT_TRUE(knows(ruth, samuel)) << "the honest of its members are proven all the same";
  EXPECT_FALSE(knows(ruth, kwame));
  alter(ruth, [&](SealedStore& store) {
    const auto refused = store.get(Table::facts, text_key("device-log-refused"));
    ASSERT_TRUE(refused && *refused);
    EXPECT_EQ(decode_record<RefusedDevicesRecord>(**refused)->certificates,
              std::vector{certificate_of(kwame)})
        << "and the log is not waited for again";
  });
  ASSERT_TRUE(samuel.send(id, "With Kwame"));
  ruth.sync();
  EXPECT_EQ(ruth.texts(id), Texts{"With Kwame"}) << "what others write can be read";
  EXPECT_TRUE(ruth.client->conversation(id)->untrusted) << "which ends nothing";
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), Texts{"With Kwame"}) << "kept, and not sent";
  EXPECT_GE(hospital_.count("SELECT COUNT(*) FROM audit_entries WHERE entry LIKE '%unlogged-device%'"), 1);

  const auto removed = ruth.client->remove(id, kwame.user_id());
  ASSERT_TRUE(removed) << removed.error().code << ": " << removed.error().detail;
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
