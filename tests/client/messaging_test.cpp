// The client library against the real server: what people do, and what goes wrong while they do it.
#include "client/account/uuid.h"
#include "client/store/store_key.h"
#include "tests/client/hospital.h"

namespace wardline::client::testing {
namespace {

const Confirmations kSamuel{.people = {{"Samuel Price", "Registered nurse"}}, .cross_service = true};

class MessagingTest : public HospitalTest {};

TEST_F(MessagingTest, Msg1TwoPeopleWriteToEachOtherAndSeeWhatWasRead) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel});
  ASSERT_TRUE(ruth.send(id, "Potassium 5.9"));
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), Texts{"Potassium 5.9"});
  EXPECT_EQ(samuel.client->conversation(id)->unread, 1U);
  const auto last = samuel.client->messages(id)->back().sequence;
  ASSERT_TRUE(samuel.client->mark(id, {0, last, 0}));
  EXPECT_EQ(samuel.client->conversation(id)->unread, 0U);
  ASSERT_TRUE(samuel.send(id, "On my way"));
  ruth.sync();
  EXPECT_EQ(ruth.texts(id), (Texts{"Potassium 5.9", "On my way"}));
  const auto members = ruth.client->conversation(id)->members;
  const auto mark = std::ranges::find(members, samuel.user_id(), &Member::user_id);
  ASSERT_NE(mark, members.end());
  EXPECT_EQ(mark->marks.read, last);
}

TEST_F(MessagingTest, Ch10NobodyIsWrittenToUncheckedAndNobodyIsPicked) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  StartRequest request{.user_ids = {samuel.user_id()}};
  EXPECT_EQ(ruth.client->start(request).error().code, "needs-confirmation");
  request.confirmed = {.people = {{"Samuel Price", "Attending physician"}}};
  EXPECT_EQ(ruth.client->start(request).error().code, "needs-confirmation") << "a fact of somebody else";
  request.confirmed = kSamuel;
  EXPECT_TRUE(ruth.client->start(request));
  EXPECT_TRUE(ruth.client->start({.user_ids = {samuel.user_id()}})) << "once confirmed, known";
  EXPECT_EQ(ruth.client->find_person("Anna Schmidt").error().code, "ambiguous-person");
  EXPECT_EQ(ruth.client->find_person("Nobody Atall").error().code, "no-such-person");
  EXPECT_EQ(ruth.client->find_person("samuel")->user_id, samuel.user_id());
}

TEST_F(MessagingTest, Msg2AMessageThatFoundNoServerGoesOutOnceWhenItIsBack) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel});
  hospital_.stop();
  const auto message = new_uuid();
  EXPECT_EQ(ruth.send(id, "Waits", message).error().code, "no-connection");
  ruth.crash();
  hospital_.start();
  ruth.open_client();
  const auto again = ruth.send(id, "Waits", message);
  ASSERT_TRUE(again);
  EXPECT_EQ(ruth.send(id, "Waits", message)->sequence, again->sequence);
  EXPECT_EQ(ruth.send(id, "Waits", message)->id, message);
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), Texts{"Waits"});
  ruth.sync();
  EXPECT_EQ(ruth.texts(id), Texts{"Waits"});
  const auto other = begin(ruth, {&samuel});
  EXPECT_EQ(ruth.send(other, "Waits", message).error().code, "id-used");
}

TEST_F(MessagingTest, ALostRaceIsMadeAnewOnTheNextEpoch) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  Seat grace(hospital_, "grace.okafor");
  Seat kwame(hospital_, "kwame.mensah");
  const auto id = begin(ruth, {&samuel, &grace});
  // Samuel's commit takes the epoch that Ruth believes in; hers is made again on what it left.
  ASSERT_TRUE(samuel.client->remove(id, grace.user_id()));
  const auto added = ruth.client->add(id, {kwame.user_id()}, kEverybody);
  ASSERT_TRUE(added) << added.error().code << ": " << added.error().detail;
  kwame.sync();
  ASSERT_TRUE(ruth.send(id, "Who is here?"));
  samuel.sync();
  kwame.sync();
  grace.sync();
  EXPECT_EQ(samuel.texts(id), Texts{"Who is here?"});
  EXPECT_EQ(kwame.texts(id), Texts{"Who is here?"});
  EXPECT_EQ(grace.texts(id), Texts{});
  EXPECT_EQ(grace.client->conversation(id)->membership, Membership::removed);
  EXPECT_EQ(grace.send(id, "Me?").error().code, "not-a-member");
}

TEST_F(MessagingTest, WhoWasAddedAndRemovedWhileAwayPassesTheInvitationOver) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  Seat grace(hospital_, "grace.okafor");
  Seat kwame(hospital_, "kwame.mensah");
  const auto id = begin(ruth, {&samuel, &grace});
  ASSERT_TRUE(ruth.client->add(id, {kwame.user_id()}, kEverybody));
  ASSERT_TRUE(ruth.client->remove(id, kwame.user_id()));
  kwame.sync();
  EXPECT_EQ(kwame.send(id, "Me?").error().code, "no-such-conversation");
  const auto other = begin(ruth, {&kwame});
  ASSERT_TRUE(ruth.send(other, "You"));
  kwame.sync();
  EXPECT_EQ(kwame.texts(other), Texts{"You"});
}

TEST_F(MessagingTest, AMessageForAnEpochThatIsOverIsEncryptedAnew) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  Seat grace(hospital_, "grace.okafor");
  const auto id = begin(ruth, {&samuel, &grace});
  ASSERT_TRUE(samuel.client->remove(id, grace.user_id()));
  ASSERT_TRUE(ruth.send(id, "Stale"));
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), Texts{"Stale"});
}

TEST_F(MessagingTest, Dev2ARevokedDeviceIsCommittedOutBeforeTheNextMessageAndItsStateStaysShut) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat phone(hospital_, "samuel.price");
  Seat desk(hospital_, "samuel.price", phone.totp(), ".desk");
  const auto id = begin(ruth, {&phone});
  desk.sync();
  ASSERT_TRUE(ruth.send(id, "For both"));
  phone.sync();
  EXPECT_EQ(phone.texts(id), Texts{"For both"});
  ASSERT_TRUE(desk.client->api().revoke_device(phone.client->me().device_id));
  const auto sent = ruth.send(id, "For one");
  ASSERT_TRUE(sent) << sent.error().code << ": " << sent.error().detail;
  desk.sync();
  EXPECT_EQ(desk.texts(id), (Texts{"For both", "For one"}));
  phone.crash();
  EXPECT_FALSE(Client::open(*phone.access)) << "the server keeps its half of the key";
}

TEST_F(MessagingTest, ANewDeviceJoinsByExternalCommitAndSaysFromWhereItKnows) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel});
  ASSERT_TRUE(ruth.send(id, "Before"));
  Seat desk(hospital_, "samuel.price", samuel.totp(), ".desk");
  ASSERT_TRUE(ruth.send(id, "After"));
  desk.sync();
  EXPECT_EQ(desk.texts(id), (Texts{"<gap>", "After"}));
}

TEST_F(MessagingTest, ACommitThatCannotBeFollowedIsReportedAndTheGroupJoinedAnew) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel});
  ASSERT_TRUE(ruth.send(id, "Before"));
  samuel.sync();
  const auto applied = samuel.client->conversation(id)->last_sequence;
  samuel.crash();
  {
    // What the client's own log does with a commit that no member can follow.
    const auto device = samuel.access->profile().device();
    Api api(samuel.access->https());
    const auto share = api.storage_share();
    const auto service = api.delivery_service();
    ASSERT_TRUE(device && share && service);
    auto store = SealedStore::open(samuel.access->profile().state_file(),
                                   derive_store_key(device->local_secret, *share, StorePurpose::records));
    const auto pinned = pin(*store, *service);
    ASSERT_TRUE(pinned);
    auto key = crypto::SigningKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256,
                                            device->signing_key.view());
    auto context = conversation::Context::create({static_cast<mls::CipherSuite>(service->cipher_suite),
                                                  {device->user_id, device->device_id},
                                                  device->certificate_chain,
                                                  service->external_sender,
                                                  service->device_ca,
                                                  service->device_log_key,
                                                  pinned->log},
                                                 std::make_unique<crypto::SigningKey>(std::move(*key)),
                                                 now_microseconds());
    DeviceState state(std::move(*store), std::move(*context),
                      std::move(*mls::SealingKey::create(
                          derive_store_key(device->local_secret, *share, StorePurpose::mls))));
    DeviceLog device_log(api, state, *pinned);
    EntryLog log(api, state, device_log);
    ASSERT_TRUE(log.arrived(id, {{.conversation_id = id,
                                  .sequence = applied + 1,
                                  .kind = EntryKind::commit,
                                  .body = to_bytes(as_bytes("no commit")),
                                  .idempotency_id = new_uuid()}}));
    EXPECT_EQ((*state.find<ConversationRecord>(text_key(id)))->membership, Membership::awaiting);
  }
  samuel.open_client();
  EXPECT_EQ(samuel.client->conversation(id)->membership, Membership::joined);
  ASSERT_TRUE(ruth.send(id, "Afterwards"));
  samuel.sync();
  EXPECT_EQ(samuel.texts(id), (Texts{"Before", "<gap>", "Afterwards"}));
  ASSERT_TRUE(samuel.send(id, "I am back"));
  ruth.sync();
  EXPECT_EQ(ruth.texts(id).back(), "I am back");
}

TEST_F(MessagingTest, ListeningTellsOfEachMessageOnceItIsOnDisk) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const auto id = begin(ruth, {&samuel});
  Texts heard;
  const auto ended = samuel.client->listen({.on_message =
                                                [&](const Message& message) {
                                                  EXPECT_EQ(samuel.texts(id).back(), message.content.text);
                                                  heard.push_back(message.content.text);
                                                  if (heard.size() == 2) samuel.client->stop();
                                                },
                                            .on_ready =
                                                [&] {
                                                  ASSERT_TRUE(ruth.send(id, "One"));
                                                  ASSERT_TRUE(ruth.send(id, "Two"));
                                                },
                                            .on_trouble =
                                                [&](const Error& error) {
                                                  ADD_FAILURE() << error.code << ": " << error.detail;
                                                  samuel.client->stop();
                                                }});
  EXPECT_TRUE(ended);
  EXPECT_EQ(heard, (Texts{"One", "Two"}));
}

TEST_F(MessagingTest, AProfileIsOfOneAccountAndOneServer) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  EXPECT_EQ(ruth.access->sign_in(samuel.secrets()).error().code, "other-account");
  ruth.client.reset();
  ruth.access.reset();
  EXPECT_EQ(
      Access::open({.profile = hospital_.profile("ruth.cohen"), .server = "https://elsewhere"}).error().code,
      "other-server");
}

}  // namespace
}  // namespace wardline::client::testing
