#include "lib/conversation/failure.h"

#include <gtest/gtest.h>

namespace wardline::conversation {
namespace {

using mls::Rule;
using transparency::Alarm;

Code code_of(Rule rule) { return Failure::of({rule}).code; }

TEST(Failure, SaysOfABrokenRuleWhatItsCallerCanDoAboutIt) {
  EXPECT_EQ(code_of(Rule::credential_accepted), Code::invalid_credential);
  EXPECT_EQ(code_of(Rule::credential_successor), Code::invalid_credential);
  EXPECT_EQ(code_of(Rule::generation_unused), Code::keys_gone);
  EXPECT_EQ(code_of(Rule::epoch_kept), Code::keys_gone);
  EXPECT_EQ(code_of(Rule::committed_before_application), Code::commit_needed);
  EXPECT_EQ(code_of(Rule::one_pending_commit), Code::commit_pending);
  EXPECT_EQ(code_of(Rule::still_member), Code::not_a_member);
  EXPECT_EQ(code_of(Rule::welcome_for_key_package), Code::not_for_this_device);
  EXPECT_EQ(code_of(Rule::sealed_state_version), Code::unreadable_state);
}

TEST(Failure, OfTheHostSaysNothingAboutTheMessage) {
  EXPECT_EQ(code_of(Rule::signer_available), Code::provider_failed);
  EXPECT_EQ(code_of(Rule::provider_available), Code::provider_failed);
}

TEST(Failure, OfEveryOtherRuleIsAnInvalidMessageThatNamesItsSection) {
  const auto failure = Failure::of({Rule::content_signature});
  EXPECT_EQ(failure.code, Code::invalid_message);
  EXPECT_EQ(failure.rule_text(), "RFC 9420 §6.1 content_signature");
  EXPECT_EQ(Failure::of({Rule::message_size}).rule_text(), "message_size") << "a bound of our own";
}

TEST(Failure, OfTheDeviceLogNamesTheAlarmAndOneWithoutARuleNamesNothingEnc8) {
  const std::expected<void, Failure> alarm = failed(Alarm::rolled_back);
  EXPECT_EQ(alarm.error().code, Code::log_alarm);
  EXPECT_EQ(alarm.error().rule_text(), "rolled-back");
  const std::expected<void, Failure> plain = failed(Code::unknown_conversation);
  EXPECT_EQ(plain.error().rule_text(), "");
}

}  // namespace
}  // namespace wardline::conversation
