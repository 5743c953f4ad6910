// The step from a message as received to one that is known to come from its sender (RFC 9420 §6.1, §12.4.2).
#pragma once

#include "lib/mls/public/public_state.h"

namespace wardline::mls {

/// Content whose sender, epoch and signature have been checked against a state. Made by `verify_content`
/// only, so that no later step can be reached without it.
class VerifiedContent {
 public:
  const AuthenticatedContent& get() const { return content_; }
  const Sender& sender() const { return content_.content.sender; }
  /// The key that verified it.
  const crypto::VerificationKey& key() const { return key_; }
  const Proposal* proposal() const { return std::get_if<Proposal>(&content_.content.content); }
  const Commit* commit() const { return std::get_if<Commit>(&content_.content.content); }
  const ApplicationData* application_data() const {
    return std::get_if<ApplicationData>(&content_.content.content);
  }

 private:
  friend Result<VerifiedContent> verify_content(const PublicState& state, AuthenticatedContent content);
  VerifiedContent(AuthenticatedContent content, crypto::VerificationKey key)
      : content_(std::move(content)), key_(std::move(key)) {}
  AuthenticatedContent content_;
  crypto::VerificationKey key_;
};

/// For content of a PublicMessage or of a decrypted PrivateMessage. Membership tags and confirmation tags
/// need secrets and are not checked here beyond their size.
Result<VerifiedContent> verify_content(const PublicState& state, AuthenticatedContent content);

/// The same for a message off the wire; the membership tag's presence is checked as well.
Result<VerifiedContent> verify_message(const PublicState& state, PublicMessage message);

}  // namespace wardline::mls
