// Random histories of a group: everybody ends in the same epoch with the same secrets, and a server that
// follows from outside sees the same group.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "lib/mls/member/test_member.h"
#include "lib/mls/public/external_proposal.h"
#include "lib/mls/public/public_group.h"

namespace wardline::mls {
namespace {

class Scenario : public TestWorld {
 public:
  Scenario(CipherSuite id, std::uint32_t seed, WireFormat handshake)
      : TestWorld(id), handshake_(handshake), random_(seed) {
    server_.emplace(std::move(crypto::SigningKey::generate(suite.signature).value()));
    psks.psks[to_bytes(as_bytes("shared"))] = to_bytes(as_bytes("secret of the shared psk"));
    GroupConfig config;
    config.handshake = handshake;
    config.kept_resumption_psks = 2;
    create("member 0", config, group_extensions());
    if (handshake == WireFormat::public_message) {
      const auto info = members[0]->group->group_info(members[0]->signer);
      follower_.emplace(std::move(
          PublicGroup::create(*info->as<GroupInfo>(), members[0]->group->tree().to_wire(), validation)
              .value()));
    }
  }

  void step() {
    switch (pick(12)) {
      case 0:
      case 1:
        return add_by_commit();
      case 2:
        return propose_and_commit();
      case 3:
        return remove();
      case 4:
        return join_from_outside();
      case 5:
        return resync();
      case 6:
      case 7:
        return talk();
      case 8:
        return race();
      case 9:
        return store_and_load();
      case 10:
        return commit_psks();
      default:
        return propose_from_outside();
    }
  }

  void expect_agreement() {
    const Group& first = *members[0]->group;
    for (const auto& member : members) {
      const Group& group = *member->group;
      ASSERT_EQ(group.epoch(), first.epoch()) << member->name;
      ASSERT_EQ(group.context(), first.context()) << member->name;
      ASSERT_TRUE(group.tree() == first.tree()) << member->name;
      ASSERT_TRUE(equal(group.epoch_authenticator(), first.epoch_authenticator())) << member->name;
      const auto mine = group.export_secret("test", as_bytes("context"), 40);
      const auto theirs = first.export_secret("test", as_bytes("context"), 40);
      ASSERT_TRUE(equal(mine->view(), theirs->view())) << member->name;
    }
    if (!follower_) return;
    ASSERT_EQ(follower_->context(), first.context());
    ASSERT_EQ(follower_->state().confirmation_tag, first.public_state().confirmation_tag);
  }

 private:
  std::uint32_t pick(std::size_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  TestMember& anybody() { return *members[pick(members.size())]; }
  TestMember& anybody_but(const TestMember& one) {
    for (;;) {
      if (TestMember& other = anybody(); &other != &one) return other;
    }
  }
  std::string next_name() { return "member " + std::to_string(++names_); }

  Extensions group_extensions() const {
    return {make_extension(
        ExternalSenders{{{server_->public_key(), Credential::basic(to_bytes(as_bytes("server")))}}})};
  }

  void follow(const MlsMessage& message) {
    if (!follower_) return;
    auto verified = follower_->verify(ReceivedMessage(*message.as<PublicMessage>()));
    ASSERT_TRUE(verified.has_value()) << name_of(verified.error());
    if (verified->proposal()) {
      EXPECT_KEEPS(follower_->add_proposal(*verified, validation));
      return;
    }
    auto staged = follower_->stage(*verified, validation);
    ASSERT_TRUE(staged.has_value()) << name_of(staged.error());
    EXPECT_KEEPS(follower_->apply(std::move(*staged)));
  }

  void send_proposal(const Result<MlsMessage>& message, const TestMember* by) {
    ASSERT_TRUE(message.has_value()) << name_of(message.error());
    follow(*message);
    deliver(*message, by);
  }

  /// A commit that the server accepts; the committer sees it come back.
  CommitBundle accept(TestMember& by, CommitRequest request = {}) {
    auto bundle = by.group->commit(std::move(request), by.signer, environment);
    EXPECT_TRUE(bundle.has_value()) << name_of(bundle.error());
    if (!bundle) std::abort();
    follow(bundle->commit);
    deliver(bundle->commit, &by);
    const auto echo = by.group->receive(bundle->commit, environment);
    EXPECT_TRUE(echo && std::holds_alternative<OwnCommitAccepted>(*echo));
    EXPECT_TRUE(by.group->merge_pending().has_value());
    if (follower_) {
      EXPECT_TRUE(verify_group_info(follower_->state(), *bundle->group_info.as<GroupInfo>()).has_value());
    }
    std::erase_if(members, [](const auto& member) { return !member->group->is_active(); });
    return std::move(*bundle);
  }

  void add_by_commit() {
    if (members.size() > 18) return remove();
    TestMember& by = anybody();
    CommitRequest request;
    request.with_path = pick(2) == 0;
    request.tree_in_welcome = pick(2) == 0;
    const bool tree_inside = request.tree_in_welcome;
    std::vector<std::pair<std::unique_ptr<TestMember>, KeyPackageBundle>> added;
    for (std::uint32_t i = 0; i <= pick(3); ++i) {
      auto member = std::make_unique<TestMember>(suite, next_name());
      auto bundle = member->bundle();
      if (pick(2) == 0) {
        request.proposals.push_back({Add{bundle.key_package()}});
      } else {
        send_proposal(by.group->propose({Add{bundle.key_package()}}, by.signer, environment), &by);
      }
      added.emplace_back(std::move(member), std::move(bundle));
    }
    const CommitBundle sent = accept(by, std::move(request));
    for (auto& [member, bundle] : added) {
      JoinInput input;
      if (!tree_inside) input.tree = by.group->tree().to_wire();
      input.config.handshake = handshake_;
      auto joined = Group::join(*sent.welcome->as<Welcome>(), bundle, std::move(input), environment);
      ASSERT_TRUE(joined.has_value()) << name_of(joined.error());
      member->group.emplace(std::move(*joined));
      members.push_back(std::move(member));
    }
  }

  void propose_and_commit() {
    if (members.size() < 2) return add_by_commit();
    TestMember& committer = anybody();
    for (std::uint32_t i = 0; i <= pick(3); ++i) {
      TestMember& by = anybody_but(committer);
      send_proposal(by.group->propose_update({}, by.signer, environment), &by);
    }
    if (pick(3) == 0) {
      TestMember& by = anybody();
      Extensions extensions = group_extensions();
      if (pick(2) == 0) extensions.push_back({kTestExtension, crypto::random_bytes(4)});
      send_proposal(by.group->propose({GroupContextExtensions{extensions}}, by.signer, environment), &by);
    }
    EXPECT_BREAKS(committer.group->protect(as_bytes("x"), {}, committer.signer),
                  committed_before_application);
    accept(committer);
  }

  void remove() {
    if (members.size() < 3) return add_by_commit();
    TestMember& by = anybody();
    TestMember& target = anybody_but(by);
    if (pick(2) == 0) {
      send_proposal(target.group->propose_leaving(target.signer, environment), &target);
      accept(by);
    } else {
      CommitRequest request;
      request.proposals.push_back({Remove{target.group->own_leaf()}});
      accept(by, std::move(request));
    }
  }

  void enter_from_outside(std::unique_ptr<TestMember> member, std::optional<LeafIndex> replaces) {
    TestMember& host = anybody();
    const auto info = host.group->group_info(host.signer, {.with_tree = true});
    ExternalJoinInput input{.leaf = member->description};
    input.replaces = replaces;
    input.config.handshake = handshake_;
    if (pick(2) == 0) input.psks.push_back(shared_psk());
    auto join = ExternalJoin::create(*info->as<GroupInfo>(), std::move(input), member->signer, environment);
    ASSERT_TRUE(join.has_value()) << name_of(join.error());
    const SealingKey key = SealingKey::generate();
    join = ExternalJoin::unseal(key, join->seal(key).value());
    ASSERT_TRUE(join.has_value()) << name_of(join.error());
    follow(join->commit());
    deliver(join->commit(), nullptr);
    std::erase_if(members, [](const auto& each) { return !each->group->is_active(); });
    member->group.emplace(std::move(*join).accept());
    members.push_back(std::move(member));
  }

  void join_from_outside() { enter_from_outside(std::make_unique<TestMember>(suite, next_name()), {}); }

  void resync() {
    if (members.size() < 2) return join_from_outside();
    // The same device, its state lost: the same signing key takes the place of its own old leaf.
    TestMember& lost = anybody();
    auto again = std::make_unique<TestMember>(suite, lost.name);
    again->signer =
        std::move(crypto::SigningKey::from_raw(suite.signature, lost.signer.to_raw().view()).value());
    again->description = lost.description;
    const LeafIndex old_leaf = lost.group->own_leaf();
    std::erase_if(members, [&](const auto& each) { return each.get() == &lost; });
    enter_from_outside(std::move(again), old_leaf);
  }

  /// Messages arrive in any order, and some only after the next commit.
  void talk() {
    if (members.size() < 2) return add_by_commit();
    struct Sent {
      TestMember* by;
      LeafIndex leaf;
      MlsMessage message;
      std::string text;
    };
    std::vector<Sent> sent;
    for (std::uint32_t i = 0; i < 8; ++i) {
      TestMember& by = anybody();
      const std::string text = "message " + std::to_string(i) + std::string(pick(200), '.');
      auto message = by.group->protect(as_bytes(text), as_bytes("aad"), by.signer);
      ASSERT_TRUE(message.has_value()) << name_of(message.error());
      sent.push_back({&by, by.group->own_leaf(), std::move(*message), text});
    }
    std::ranges::shuffle(sent, random_);
    const auto read = [&](const Sent& each) {
      for (auto& member : members) {
        if (member.get() == each.by) continue;
        auto event = member->group->receive(each.message, environment);
        ASSERT_TRUE(event.has_value()) << name_of(event.error());
        const auto& opened = std::get<ApplicationMessage>(*event);
        ASSERT_EQ(as_text(opened.data.view()), each.text);
        ASSERT_EQ(opened.sender, each.leaf);
        ASSERT_EQ(opened.sender_leaf.signature_key, each.by->signer.public_key());
        ASSERT_EQ(as_text(opened.authenticated_data), "aad");
        EXPECT_BREAKS(member->group->receive(each.message, environment), generation_unused);
      }
    };
    for (std::size_t i = 0; i < 5; ++i) read(sent[i]);
    TestMember& by = anybody();
    accept(by, {.with_path = true});
    if (pick(2) == 0) store_and_load();
    for (std::size_t i = 5; i < sent.size(); ++i) read(sent[i]);
  }

  /// Two members commit at once. The loser follows the winner, then tries again.
  void race() {
    if (members.size() < 3) return add_by_commit();
    TestMember& winner = anybody();
    TestMember& loser = anybody_but(winner);
    auto newcomer = std::make_unique<TestMember>(suite, next_name());
    const KeyPackageBundle bundle = newcomer->bundle();
    CommitRequest wish;
    wish.proposals.push_back({Add{bundle.key_package()}});
    ASSERT_TRUE(loser.group->commit(std::move(wish), loser.signer, environment).has_value());
    if (pick(2) == 0) reload(loser);
    accept(winner, {.with_path = true});
    EXPECT_FALSE(loser.group->has_pending());
    auto again = loser.group->take_lost_request();
    ASSERT_TRUE(again.has_value());
    const CommitBundle sent = accept(loser, std::move(*again));
    JoinInput input;
    input.config.handshake = handshake_;
    auto joined = Group::join(*sent.welcome->as<Welcome>(), bundle, std::move(input), environment);
    ASSERT_TRUE(joined.has_value()) << name_of(joined.error());
    newcomer->group.emplace(std::move(*joined));
    members.push_back(std::move(newcomer));
  }

  void reload(TestMember& member) {
    const SealingKey key = SealingKey::generate();
    const auto whole = member.group->serialize(key);
    const auto ratchets = member.group->serialize_ratchets(key);
    auto loaded = Group::load(key, whole.value());
    ASSERT_TRUE(loaded.has_value()) << name_of(loaded.error());
    EXPECT_KEEPS(loaded->restore_ratchets(key, ratchets.value()));
    *member.group = std::move(*loaded);
  }

  void store_and_load() {
    for (auto& member : members) {
      if (pick(2) == 0) reload(*member);
    }
  }

  PreSharedKeyId shared_psk() const {
    return {ExternalPskId{to_bytes(as_bytes("shared"))}, crypto::random_bytes(suite.hash_size)};
  }

  void commit_psks() {
    TestMember& by = anybody();
    CommitRequest request;
    request.proposals.push_back({PreSharedKey{shared_psk()}});
    PreSharedKeyId resumption = by.group->resumption_psk(ResumptionPskUsage::application).id;
    resumption.psk_nonce = crypto::random_bytes(suite.hash_size);
    request.proposals.push_back({PreSharedKey{resumption}});
    accept(by, std::move(request));
  }

  void propose_from_outside() {
    if (members.size() < 3) return add_by_commit();
    TestMember& by = anybody();
    const Group& group = *by.group;
    if (pick(2) == 0) {
      const LeafIndex target = anybody_but(by).group->own_leaf();
      const auto removal = propose_externally(group.group_id(), group.epoch(), 0, {Remove{target}}, *server_);
      send_proposal(MlsMessage{*removal}, nullptr);
      accept(by);
      return;
    }
    auto member = std::make_unique<TestMember>(suite, next_name());
    const KeyPackageBundle bundle = member->bundle();
    const auto request =
        propose_joining(group.group_id(), group.epoch(), bundle.key_package(), member->signer);
    send_proposal(MlsMessage{*request}, nullptr);
    const CommitBundle sent = accept(by);
    JoinInput input;
    input.config.handshake = handshake_;
    auto joined = Group::join(*sent.welcome->as<Welcome>(), bundle, std::move(input), environment);
    ASSERT_TRUE(joined.has_value()) << name_of(joined.error());
    member->group.emplace(std::move(*joined));
    members.push_back(std::move(member));
  }

  WireFormat handshake_;
  std::mt19937 random_;
  std::uint32_t names_ = 0;
  std::optional<crypto::SigningKey> server_;
  std::optional<PublicGroup> follower_;
};

void run(CipherSuite suite, std::uint32_t seed, int steps, WireFormat handshake) {
  SCOPED_TRACE("suite " + std::to_string(static_cast<int>(suite)) + ", seed " + std::to_string(seed));
  Scenario scenario(suite, seed, handshake);
  for (int i = 0; i < steps; ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    scenario.step();
    scenario.expect_agreement();
    if (testing::Test::HasFailure()) return;
  }
}

// WARDLINE_MLS_SEED in the environment repeats one history.
std::uint32_t first_seed() {
  const char* given = std::getenv("WARDLINE_MLS_SEED");
  return given ? static_cast<std::uint32_t>(std::atoi(given)) : std::random_device{}();
}

TEST(Scenario, AnyHistoryLeavesMembersAndFollowerInAgreement) {
  const std::uint32_t seed = first_seed();
  std::cout << "WARDLINE_MLS_SEED=" << seed << "\n";
  for (std::uint32_t i = 0; i < 3 && !HasFailure(); ++i) {
    run(CipherSuite::x25519_aes128gcm_sha256_ed25519, seed + i, 40, WireFormat::public_message);
  }
  run(CipherSuite::p256_aes128gcm_sha256_p256, seed, 30, WireFormat::public_message);
  run(CipherSuite::p384_aes256gcm_sha384_p384, seed, 10, WireFormat::public_message);
}

TEST(Scenario, AnyHistoryOfPrivateHandshakesLeavesMembersInAgreement) {
  const std::uint32_t seed = first_seed();
  std::cout << "WARDLINE_MLS_SEED=" << seed << "\n";
  for (std::uint32_t i = 0; i < 2 && !HasFailure(); ++i) {
    run(CipherSuite::x25519_aes128gcm_sha256_ed25519, seed + i, 40, WireFormat::private_message);
  }
}

}  // namespace
}  // namespace wardline::mls
