#include "lib/conversation/organisation_test.h"

namespace wardline::conversation::testing {
namespace {

class KeyPackagesTest : public ConversationTest {};

TEST_F(KeyPackagesTest, AreAsManyAsWereAskedForAndTheLastResortComesLastMls16) {
  const auto made = make_key_packages(3, LastResort::yes, sealing_key(), *ann_.context);
  ASSERT_TRUE(made);
  ASSERT_EQ(made->size(), 4U);
  for (std::size_t i = 0; i < made->size(); ++i) {
    const auto message = decoded((*made)[i].key_package);
    const auto* package = message.as<mls::KeyPackage>();
    ASSERT_NE(package, nullptr);
    EXPECT_EQ(ann_.context->device_of(package->leaf_node), ann_.device);
    const bool is_last_resort = std::ranges::find(package->extensions, mls::ExtensionType{0x000a},
                                                  &mls::Extension::type) != package->extensions.end();
    EXPECT_EQ(is_last_resort, i == 3);
  }
  EXPECT_EQ(make_key_packages(0, LastResort::no, sealing_key(), *ann_.context)->size(), 0U);
}

TEST_F(KeyPackagesTest, HaveKeysAndANameOfTheirOwnEach) {
  const auto made = *make_key_packages(2, LastResort::no, sealing_key(), *ann_.context);
  EXPECT_NE(made[0].reference, made[1].reference);
  EXPECT_NE(made[0].key_package, made[1].key_package);
}

TEST_F(KeyPackagesTest, LastAMonthOrAsLongAsTheCertificateDoesMls7) {
  const std::int64_t month = 30 * kDay;
  const auto expiry_at = [&](std::int64_t now) {
    ann_.context->set_now(now);
    return static_cast<std::int64_t>(ann_.package().expires_at);
  };
  EXPECT_EQ(expiry_at(kNow), kNow + month);
  EXPECT_EQ(expiry_at(kNow + 90 * kDay), kNow + 100 * kDay) << "of the certificate";
}

TEST_F(KeyPackagesTest, OpenUnderTheKeyThatSealedTheirPrivateHalvesOnly) {
  const auto package = ann_.package();
  EXPECT_TRUE(mls::KeyPackageBundle::unseal(sealing_key(), package.sealed));
  EXPECT_FALSE(mls::KeyPackageBundle::unseal(mls::SealingKey::generate(), package.sealed));
}

TEST_F(KeyPackagesTest, ThatAreRunOutAreNotAddedAnyMoreMls7) {
  const auto old = ben_.invite();
  for (Member* each : {&ann_, &ben_}) each->context->set_now(kNow + 31 * kDay);
  const auto refused =
      ann_.follower->trusting([&] { return Conversation::create(kId, {old}, sealing_key(), *ann_.context); });
  ASSERT_EQ(code_of(refused), Code::invalid_message);
  EXPECT_EQ(refused.error().rule_text(), "RFC 9420 §7.3 leaf_lifetime");
}

}  // namespace
}  // namespace wardline::conversation::testing
