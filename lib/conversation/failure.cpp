#include "lib/conversation/failure.h"

namespace wardline::conversation {
namespace {

using mls::Rule;

Code code_of(Rule rule) {
  switch (rule) {
    case Rule::credential_accepted:
    case Rule::credential_successor:
    case Rule::credential_certificate_key:
      return Code::invalid_credential;
    case Rule::generation_unused:
    case Rule::epoch_kept:
      return Code::keys_gone;
    case Rule::committed_before_application:
      return Code::commit_needed;
    case Rule::one_pending_commit:
      return Code::commit_pending;
    case Rule::pending_commit_exists:
      return Code::no_pending_commit;
    case Rule::still_member:
    case Rule::group_not_reinitialised:
      return Code::not_a_member;
    case Rule::welcome_for_key_package:
      return Code::not_for_this_device;
    case Rule::sealed_state_opens:
    case Rule::sealed_state_version:
    case Rule::sealing_key_size:
    case Rule::ratchets_of_epoch:
      return Code::unreadable_state;
    case Rule::signer_available:
    case Rule::provider_available:
      return Code::provider_failed;
    default:
      return Code::invalid_message;
  }
}

}  // namespace

Failure Failure::of(mls::Error error) { return {.code = code_of(error.rule), .rule = error.rule}; }

std::string Failure::rule_text() const {
  if (alarm) return std::string(transparency::name_of(*alarm));
  if (!rule) return {};
  const std::string section(mls::section_of(*rule));
  const bool of_the_rfc = section.front() >= '0' && section.front() <= '9';
  return (of_the_rfc ? "RFC 9420 §" + section + ' ' : std::string()) + std::string(mls::name_of(*rule));
}

}  // namespace wardline::conversation
