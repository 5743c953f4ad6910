#include "server/audit/entry.h"

#include <random>

#include <gtest/gtest.h>

#include "lib/bytes/text.h"

namespace wardline::audit {
namespace {

template <class SomeId>
SomeId id(std::uint8_t byte) {
  std::array<std::uint8_t, 16> bytes{};
  bytes.fill(byte);
  return SomeId(bytes);
}

Entry full_entry() {
  Entry entry{.id = id<core::AuditEntryId>(0x01),
              .at = {1'700'000'000'000'000},
              .actor = Actor::of(id<core::UserId>(0x02), policy::Role::charge_nurse),
              .act = policy::Action::message_send,
              .outcome = Outcome::denied};
  entry.reason = Code("stale-epoch");
  entry.rule = Code("P-12");
  entry.session = id<core::SessionId>(0x03);
  entry.device = id<core::DeviceId>(0x04);
  entry.network = Network::of_address(Bytes{10, 1, 2, 3});
  const auto conversation = id<core::ConversationId>(0x05);
  entry.objects = {conversation, Object::message(conversation, 7)};
  entry.patient = PatientReferenceKey(SecretBytes(Bytes(32, 9))).of(id<core::PatientId>(0x06));
  entry.recipients = {id<core::UserId>(0x07), id<core::UserId>(0x08)};
  entry.facts = {{Fact::Name::epoch, 3}, {Fact::Name::bytes, -1}};
  return entry;
}

constexpr std::string_view kFull =
    R"({"v":1,"id":"01010101-0101-0101-0101-010101010101","at":1700000000000000,)"
    R"("who":{"kind":"user","id":"02020202-0202-0202-0202-020202020202","role":"charge_nurse"},)"
    R"("what":"message.send","outcome":"denied","why":"stale-epoch","rule":"P-12",)"
    R"("session":"03030303-0303-0303-0303-030303030303","device":"04040404-0404-0404-0404-040404040404",)"
    R"("where":"internal","network":"10.1.2.0/24",)"
    R"("on":[{"kind":"conversation","id":"05050505-0505-0505-0505-050505050505"},)"
    R"({"kind":"message","id":"05050505-0505-0505-0505-050505050505","n":7}],)"
    R"("patient":"41e2aba5d33b188d39177d0eeae22448",)"
    R"("to":["07070707-0707-0707-0707-070707070707","08080808-0808-0808-0808-080808080808"],)"
    R"("facts":{"epoch":3,"bytes":-1}})";

TEST(AuditEntry, HasTheOneFormThatTheDocumentationShows) {
  EXPECT_EQ(encode(full_entry()), kFull);
  const Entry small = {
      .id = id<core::AuditEntryId>(1), .at = {5}, .actor = Actor::system(), .act = SystemAct::start};
  EXPECT_EQ(encode(small),
            R"({"v":1,"id":"01010101-0101-0101-0101-010101010101","at":5,"who":{"kind":"system"},)"
            R"("what":"system.start","outcome":"done"})");
}

TEST(AuditEntry, RoundTrips) {
  EXPECT_EQ(decode(encode(full_entry())), full_entry());
  for (const policy::ActionInfo& info : policy::all_actions()) {
    Entry entry = Entry::by_nobody(info.action, Outcome::failed, {1});
    EXPECT_EQ(decode(encode(entry)), entry);
  }
  for (std::size_t i = 0; i < kSystemActCount; ++i) {
    Entry entry = Entry::by_system(static_cast<SystemAct>(i), Outcome::done, {-1});
    EXPECT_EQ(decode(encode(entry)), entry);
  }
}

TEST(AuditEntry, EveryChangeOfOneByteIsAnotherEntryOrNone) {
  const std::string good = encode(full_entry());
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      const auto entry = decode(bad);
      EXPECT_TRUE(!entry || encode(*entry) == bad) << bad;
      EXPECT_FALSE(entry == full_entry()) << bad;
    }
    EXPECT_FALSE(decode(good.substr(0, i)));
  }
  EXPECT_FALSE(decode(good + " "));
}

TEST(AuditEntry, NoiseIsRefusedWithoutHarm) {
  std::mt19937 random(7);
  const std::string good = encode(full_entry());
  for (int round = 0; round < 20000; ++round) {
    std::string bad = good;
    for (int change = 0; change < 3; ++change) {
      const std::size_t at = random() % bad.size();
      const std::size_t size = random() % 20;
      if (random() % 2 == 0)
        bad.erase(at, size);
      else
        bad.insert(at, good.substr(random() % good.size(), size));
      if (bad.empty()) bad = "{";
    }
    const auto entry = decode(bad);
    ASSERT_TRUE(!entry || encode(*entry) == bad) << bad;
  }
}

TEST(AuditEntry, TooLongAListIsAMistakeOfTheProgram) {
  Entry entry = full_entry();
  entry.recipients.resize(kMostListed);
  entry.objects.assign(kMostListed, id<core::UserId>(1));
  EXPECT_LT(encode(entry).size(), 0xffffu) << "fits into a bundle of the log";
  entry.recipients.resize(kMostListed + 1);
  EXPECT_THROW(encode(entry), std::length_error);
}

TEST(AuditEntry, CarriesNoTextThatAUserCouldHaveWrittenAud3) {
  // What does not compile: Code(std::string), Object(core::PatientId), Entry{.reason = user_text}.
  static_assert(!std::is_constructible_v<Code, std::string>);
  static_assert(!std::is_constructible_v<Code, std::string_view>);
  static_assert(!std::is_constructible_v<Object, core::PatientId>);
  static_assert(!std::is_constructible_v<PatientReference, core::PatientId>);
  EXPECT_FALSE(Code::parse("Jane Doe"));
  EXPECT_FALSE(Code::parse(""));
  EXPECT_FALSE(Code::parse(std::string(41, 'a')));
  EXPECT_EQ(Code::of(core::Error{core::ErrorKind::internal, "not a code", {}, {}}).view(), "unnamed");
  EXPECT_EQ(Code::of(core::Error{core::ErrorKind::conflict, "stale-epoch", {}, {}}).view(), "stale-epoch");
}

TEST(AuditEntry, PatientReferencesDependOnTheKeyAndHideTheId) {
  const auto patient = id<core::PatientId>(6);
  const PatientReferenceKey one(SecretBytes(Bytes(32, 1)));
  const PatientReferenceKey other(SecretBytes(Bytes(32, 2)));
  EXPECT_EQ(one.of(patient), one.of(patient));
  EXPECT_NE(one.of(patient), other.of(patient));
  EXPECT_NE(one.of(patient), one.of(id<core::PatientId>(7)));
  EXPECT_FALSE(equal(one.of(patient).view(), patient.view()));
}

TEST(AuditNetwork, KeepsTheNetworkAndDropsTheHost) {
  const auto text = [](const Bytes& address) { return Network::of_address(address)->to_text(); };
  EXPECT_EQ(text({192, 0, 2, 77}), "192.0.2.0/24");
  EXPECT_EQ(text({127, 9, 9, 9}), "127.0.0.0/24");
  EXPECT_EQ(text(*from_hex("00000000000000000000ffffc0a80107")), "192.168.1.0/24");
  EXPECT_EQ(text(*from_hex("20010db8000000010000000000000001")), "2001:db8:0::/48");
  EXPECT_EQ(text(*from_hex("00000000000000000000000000000001")), "::1/128");
  EXPECT_FALSE(Network::of_address(Bytes(5)));
}

TEST(AuditNetwork, KnowsWhatIsInside) {
  const auto of = [](std::string_view hex) { return Network::of_address(*from_hex(hex))->network_class(); };
  EXPECT_EQ(of("7f000001"), Network::Class::loopback);
  EXPECT_EQ(of("00000000000000000000000000000001"), Network::Class::loopback);
  for (const auto* inside : {"0a000001", "ac100001", "ac1f0001", "c0a80001", "64400001", "a9fe0001",
                             "fd000000000000000000000000000001", "fe800000000000000000000000000001"}) {
    EXPECT_EQ(of(inside), Network::Class::internal) << inside;
  }
  for (const auto* outside :
       {"0b000001", "ac200001", "c0a90001", "64800001", "20010db8000000000000000000000001"}) {
    EXPECT_EQ(of(outside), Network::Class::external) << outside;
  }
}

TEST(AuditNetwork, ReadsBackExactlyWhatItWrites) {
  for (const auto* hex :
       {"7f000001", "0a010203", "00000000000000000000000000000001", "20010db8abcd00000000000000000001"}) {
    const auto network = *Network::of_address(*from_hex(hex));
    EXPECT_EQ(Network::parse(network.to_text()), network);
  }
  for (const auto* bad : {"", "1.2.3.4/24", "01.2.3.0/24", "1.2.3.0/25", "256.1.1.0/24", "host.example",
                          "2001:DB8:0::/48", "2001:db8::/48", "::1", "1.2.3.0/24 "}) {
    EXPECT_FALSE(Network::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace wardline::audit
