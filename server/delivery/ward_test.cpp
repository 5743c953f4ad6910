#include "server/delivery/ward_test.h"

#include "lib/mls/member/external_join.h"

namespace wardline::delivery {

TestDevice Ward::new_device(std::optional<core::UserId> user) {
  const core::UserId owner = user.value_or(core::new_id<core::UserId>());
  const auto device = core::new_id<core::DeviceId>();
  people.people[owner].devices.push_back(device);
  const auto credential = mls::Credential::basic(concat(owner.view(), device.view()));
  return {.user = owner,
          .device = device,
          .signer = *crypto::SigningKey::generate(crypto::SignatureAlgorithm::ecdsa_p256_sha256),
          .leaf = {credential, mls::LeafDescription::default_capabilities(credential), {}}};
}

std::vector<Bytes> Ward::publish(TestDevice& device, int count) {
  std::vector<Bytes> encoded;
  for (int i = 0; i < count; ++i) {
    device.packages.push_back(*mls::KeyPackageBundle::create(*crypto::find_suite(kCipherSuite), device.signer,
                                                             device.leaf, lifetime()));
    encoded.push_back(tls::encode(mls::MlsMessage{device.packages.back().key_package()}));
  }
  const auto stock = key_packages->publish(device.subject(), encoded, std::nullopt);
  EXPECT_TRUE(stock.has_value()) << stock.error().detail;
  return encoded;
}

CreateConversation Ward::creation_request(TestDevice& creator, core::ConversationId conversation,
                                          const std::vector<TestDevice*>& others, ConversationKind kind) {
  const mls::Validation validation = client_validation();
  auto group = mls::Group::create(
      {.suite = *crypto::find_suite(kCipherSuite),
       .group_id = conversation.bytes(),
       .leaf = creator.leaf,
       .lifetime = lifetime(),
       .extensions = {mls::make_extension(mls::ExternalSenders{{groups.external_sender()}})}},
      creator.signer, {validation});
  EXPECT_TRUE(group.has_value());
  CreateConversation request{.conversation = conversation, .kind = kind};
  request.group_info_0 = tls::encode(*group->group_info(creator.signer, {.with_tree = true}));
  mls::CommitRequest adds;
  std::vector<core::UserId> users;
  for (TestDevice* other : others) {
    users.push_back(other->user);
    const auto claim = key_packages->claim(creator.subject(), {other->user});
    EXPECT_TRUE(claim.has_value()) << claim.error().detail;
    for (const ClaimedKeyPackage& claimed : claim->claimed) {
      const auto message = tls::decode<mls::MlsMessage>(claimed.key_package);
      adds.proposals.push_back(mls::Proposal{mls::Add{*message->as<mls::KeyPackage>()}});
    }
  }
  auto bundle = group->commit(std::move(adds), creator.signer, {validation});
  EXPECT_TRUE(bundle.has_value()) << mls::text_of(bundle.error().rule);
  request.users = users;
  request.answers = confirming(users);
  request.commit = tls::encode(bundle->commit);
  request.welcome = tls::encode(*bundle->welcome);
  request.group_info = tls::encode(bundle->group_info);
  creator.groups.insert_or_assign(conversation, std::move(*group));
  return request;
}

core::ConversationId Ward::begin(TestDevice& creator, std::vector<TestDevice*> others,
                                 ConversationKind kind) {
  for (TestDevice* other : others) publish(*other, 1);
  const auto conversation = core::new_id<core::ConversationId>();
  const auto made =
      creation->create(creator.subject(), creation_request(creator, conversation, others, kind));
  EXPECT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_TRUE(creator.group(conversation).merge_pending().has_value());
  for (TestDevice* other : others) join(*other);
  return conversation;
}

void Ward::join(TestDevice& device) {
  const auto waiting = inbox->list(device.subject());
  ASSERT_TRUE(waiting.has_value());
  const mls::Validation validation = client_validation();
  for (const WaitingWelcome& item : *waiting) {
    const auto message = tls::decode<mls::MlsMessage>(item.welcome);
    const auto* welcome = message->as<mls::Welcome>();
    for (const mls::KeyPackageBundle& package : device.packages) {
      if (!mls::Group::is_welcome_for(*welcome, package)) continue;
      auto group = mls::Group::join(
          *welcome, package, {.tree = *tls::decode<mls::RatchetTreeWire>(item.ratchet_tree)}, {validation});
      ASSERT_TRUE(group.has_value()) << mls::text_of(group.error().rule);
      device.groups.insert_or_assign(item.conversation, std::move(*group));
    }
    ASSERT_TRUE(inbox->remove(device.subject(), item.id).has_value());
  }
}

SendRequest Ward::message(TestDevice& device, core::ConversationId conversation, std::string_view text) {
  auto protected_message = device.group(conversation).protect(as_bytes(text), {}, device.signer);
  EXPECT_TRUE(protected_message.has_value());
  return {.subject = device.subject(),
          .conversation = conversation,
          .idempotency = core::new_id<core::IdempotencyId>(),
          .epoch = device.group(conversation).epoch(),
          .message = tls::encode(*protected_message)};
}

core::Result<Sent> Ward::send(SendRequest request) {
  std::promise<core::Result<Sent>> promise;
  const auto queued =
      sender->send(std::move(request), [&](core::Result<Sent> sent) { promise.set_value(std::move(sent)); });
  if (!queued) return std::unexpected(queued.error());
  return promise.get_future().get();
}

core::Result<void> Ward::receipt(const TestDevice& device, core::ConversationId conversation,
                                 ReceiptMarks marks) {
  std::promise<core::Result<void>> promise;
  const auto queued = receipts->record(device.subject(), conversation, marks,
                                       [&](core::Result<void> done) { promise.set_value(std::move(done)); });
  if (!queued) return queued;
  return promise.get_future().get();
}

SendCommit Ward::commit(TestDevice& device, core::ConversationId conversation, mls::CommitRequest request) {
  const mls::Validation validation = client_validation();
  mls::Group& group = device.group(conversation);
  const std::uint64_t epoch = group.epoch();
  auto bundle = group.commit(std::move(request), device.signer, {validation});
  EXPECT_TRUE(bundle.has_value()) << mls::text_of(bundle.error().rule);
  SendCommit commit{.conversation = conversation,
                    .idempotency = core::new_id<core::IdempotencyId>(),
                    .epoch = epoch,
                    .commit = tls::encode(bundle->commit),
                    .group_info = tls::encode(bundle->group_info)};
  if (bundle->welcome) commit.welcome = tls::encode(*bundle->welcome);
  return commit;
}

mls::Proposal Ward::add_of(TestDevice& device) {
  publish(device, 1);
  return mls::Proposal{mls::Add{device.packages.back().key_package()}};
}

core::Result<Committed> Ward::join_anew(TestDevice& device, core::ConversationId conversation) {
  const auto start = *handshakes->join_information(device.subject(), conversation);
  const auto message = *tls::decode<mls::MlsMessage>(start.group_info);
  const mls::Validation validation = client_validation();
  mls::ExternalJoinInput input{.tree = *tls::decode<mls::RatchetTreeWire>(start.ratchet_tree),
                               .leaf = device.leaf};
  if (const auto group = device.groups.find(conversation); group != device.groups.end())
    input.replaces = group->second.own_leaf();
  auto join =
      mls::ExternalJoin::create(*message.as<mls::GroupInfo>(), std::move(input), device.signer, {validation});
  if (!join)
    return core::fail(core::ErrorKind::rejected, "join", std::string(mls::text_of(join.error().rule)));
  auto committed = handshakes->commit(device.subject(), {.conversation = conversation,
                                                         .idempotency = core::new_id<core::IdempotencyId>(),
                                                         .epoch = start.epoch,
                                                         .commit = tls::encode(join->commit()),
                                                         .group_info = tls::encode(join->group_info())});
  if (committed) device.groups.insert_or_assign(conversation, std::move(*join).accept());
  return committed;
}

std::vector<std::string> Ward::catch_up(TestDevice& device, core::ConversationId conversation,
                                        std::int64_t after) {
  std::vector<std::string> texts;
  // As a feed reads: also for a device that has been removed, up to the commit that removed it.
  const auto page = conversations->read_for_device(conversation, device.device, after, 1000);
  if (!page) {
    ADD_FAILURE() << page.error().detail;
    return texts;
  }
  const mls::Validation validation = client_validation();
  for (const LogEntryPtr& entry : *page) {
    EXPECT_EQ(entry->sequence, ++after) << "a gap in what the device was given";
    if (entry->kind == EntryKind::message && entry->sender->device == device.device) continue;
    const auto message = tls::decode<mls::MlsMessage>(entry->body);
    auto event = device.group(conversation).receive(*message, {validation});
    if (!event) {
      ADD_FAILURE() << "entry " << entry->sequence << ": " << mls::text_of(event.error().rule);
      continue;
    }
    if (auto* text = std::get_if<mls::ApplicationMessage>(&*event))
      texts.push_back(as_text(text->data.view()));
    if (auto* commit = std::get_if<mls::ReceivedCommit>(&*event)) {
      EXPECT_TRUE(device.group(conversation).merge(std::move(*commit)).has_value());
    }
    if (std::holds_alternative<mls::OwnCommitAccepted>(*event)) {
      EXPECT_TRUE(device.group(conversation).merge_pending().has_value());
    }
  }
  return texts;
}

std::vector<audit::Entry> Ward::entries() {
  auto all = database->read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<audit::Entry>> {
    std::vector<audit::Entry> found;
    for (const auto row : tx.query("SELECT entry FROM audit_entries ORDER BY position")) {
      auto entry = audit::decode(row.text_view(0));
      EXPECT_TRUE(entry.has_value());
      if (entry) found.push_back(std::move(*entry));
    }
    return found;
  });
  EXPECT_TRUE(all.has_value());
  return all.value_or(std::vector<audit::Entry>());
}

std::int64_t Ward::audit_entries(std::string_view act, std::string_view outcome) {
  return std::ranges::count_if(entries(), [&](const audit::Entry& entry) {
    const std::string_view said = entry.outcome == audit::Outcome::done     ? "done"
                                  : entry.outcome == audit::Outcome::denied ? "denied"
                                                                            : "failed";
    return entry.act.name() == act && said == outcome;
  });
}

}  // namespace wardline::delivery
