// The MLS group of each conversation, as far as it can be followed without secrets.
#pragma once

#include "server/delivery/group_cache.h"
#include "server/delivery/group_store.h"
#include "server/delivery/leaf_owner.h"

namespace wardline::delivery {

/// The suite of our conversations: P-256 with AES-128-GCM (DESIGN §3).
inline constexpr auto kCipherSuite = crypto::CipherSuite::p256_aes128gcm_sha256_p256;

class Groups {
 public:
  /// `external_sender`: the server's own entry, which the GroupContext of every conversation carries alone.
  Groups(const LeafOwners& owners, const core::Clock& clock, mls::ExternalSender external_sender)
      : owners_(owners), clock_(clock), external_sender_(std::move(external_sender)) {}

  const mls::ExternalSender& external_sender() const { return external_sender_; }

  /// The group at the version that `membership` is of, judged by the clock of now.
  core::Result<mls::PublicGroup> load(storage::ReadTransaction& tx, const Membership& membership);
  /// Remembers what a transaction that is durable now has led to.
  void keep(core::ConversationId conversation, std::int64_t version, mls::PublicGroup group) {
    cache_.put(conversation, version, std::move(group));
  }

  /// A group that a client has just made: epoch 0, with nobody but `creator`, of our suite, naming the server
  /// as its one external sender. Errors: "mls-rejected", "bundle-incomplete".
  core::Result<mls::PublicGroup> begin(const mls::GroupInfo& info, core::ConversationId conversation);

  mls::Validation validation() const { return validation_at(owners_, clock_.now()); }

 private:
  const LeafOwners& owners_;
  const core::Clock& clock_;
  const mls::ExternalSender external_sender_;
  GroupCache cache_;
};

}  // namespace wardline::delivery
