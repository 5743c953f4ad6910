// For tests: an organisation with a device CA and a log of devices, and people whose devices follow it.
#pragma once

#include <gtest/gtest.h>

#include "lib/conversation/conversation.h"
#include "lib/conversation/device_log_follower.h"
#include "lib/conversation/key_packages.h"
#include "lib/crypto/x509/issue.h"
#include "lib/mls/public/decode.h"
#include "lib/mls/public/external_proposal.h"
#include "lib/transparency/memory_log_test.h"

namespace wardline::conversation::testing {

constexpr std::int64_t kDay = 24LL * 60 * 60 * 1'000'000;
constexpr std::int64_t kNow = 1'800'000'000LL * 1'000'000;
constexpr auto kSignature = crypto::SignatureAlgorithm::ecdsa_p256_sha256;
constexpr ConversationId kId{7};

inline crypto::SigningKey new_key() { return std::move(*crypto::SigningKey::generate(kSignature)); }
inline mls::SealingKey sealing_key() { return *mls::SealingKey::create(SecretBytes(Bytes(32, 9))); }
inline mls::MlsMessage decoded(const Bytes& wire) { return *mls::decode_message(wire); }
inline Bytes bytes_of(std::string_view text) { return to_bytes(as_bytes(text)); }

/// A keeper of the log as clients meet one, whom a test can make late, unreachable or a liar.
class LogKeeper final : public DeviceLogSource {
 public:
  explicit LogKeeper(transparency::MemoryLog& log) : log_(&log) {}
  void show(transparency::MemoryLog& other) { log_ = &other; }

  Answer<std::string> checkpoint() override {
    if (unreachable) return std::unexpected(Refusal::unreachable);
    if (log_->entries.empty()) return std::unexpected(Refusal::not_logged_yet);
    return log_->checkpoint();
  }
  Answer<merkle::Proof> consistency(std::uint64_t from, std::uint64_t to) override {
    if (unreachable) return std::unexpected(Refusal::unreachable);
    if (shows_no_proof || to > log_->tree.size() || from > to) return std::unexpected(Refusal::refused);
    return log_->consistency(from, to);
  }
  Answer<std::vector<LoggedCertificate>> inclusion(
      std::uint64_t size, std::span<const transparency::CertificateHash> certificates) override {
    ++asked;
    most_at_once = std::max(most_at_once, certificates.size());
    if (unreachable) return std::unexpected(Refusal::unreachable);
    std::vector<LoggedCertificate> logged;
    for (const auto& each : certificates) {
      const auto index = index_of(each);
      if (!index || *index >= size) return std::unexpected(Refusal::not_logged_yet);
      logged.push_back({each, *index, log_->inclusion(*index, size)});
    }
    if (proves_nothing) logged.front().proof.push_back({});
    return logged;
  }
  Answer<Entries> entries(transparency::LogView::Range range, std::uint64_t size) override {
    if (unreachable) return std::unexpected(Refusal::unreachable);
    const std::vector<std::string> said(log_->entries.begin() + static_cast<std::ptrdiff_t>(range.first),
                                        log_->entries.begin() + static_cast<std::ptrdiff_t>(range.last));
    return Entries{said, *merkle::subtree_consistency_proof(log_->tree, range.first, range.last, size)};
  }

  bool unreachable = false;
  bool shows_no_proof = false;
  bool proves_nothing = false;
  int asked = 0;
  std::size_t most_at_once = 0;

 private:
  std::optional<std::uint64_t> index_of(const transparency::CertificateHash& certificate) const {
    for (std::uint64_t i = 0; i < log_->entries.size(); ++i) {
      const auto issued = transparency::parse_entry(log_->entries[i]);
      if (issued && transparency::hash_of_certificate(issued->certificate) == certificate) return i;
    }
    return std::nullopt;
  }
  transparency::MemoryLog* log_;
};

enum class Logged : std::uint8_t { no, yes };

class Organisation {
 public:
  Organisation() : ca_key_(new_key()), ca_(authority(ca_key_)), server_(new_key()) {}

  static crypto::Certificate authority(const crypto::SigningKey& key) {
    return *crypto::issue_self_signed(key, {.role = crypto::CertificateRole::authority,
                                            .common_name = "Devices",
                                            .organization = "Wardline",
                                            .serial = crypto::random_serial(),
                                            .validity = {kNow - 100 * kDay, kNow + 1000 * kDay},
                                            .uris = {},
                                            .dns_names = {},
                                            .ip_addresses = {}});
  }
  crypto::CertificateRequest request_for(const Device& device) const {
    return {.common_name = device.user_id,
            .organization = "Wardline",
            .serial = crypto::random_serial(),
            .validity = {kNow - kDay, kNow + 100 * kDay},
            .uris = {"urn:uuid:" + device.device_id},
            .dns_names = {},
            .ip_addresses = {}};
  }
  Bytes certify(const crypto::SigningKey& key, const crypto::CertificateRequest& request) const {
    const auto public_key = *crypto::VerificationKey::from_raw(kSignature, key.public_key());
    return crypto::issue_certificate(ca_key_, ca_, public_key, request)->der();
  }
  void enter(const Device& device, const Bytes& certificate) {
    log.add({device.user_id, device.device_id, certificate});
  }
  Identity identity_of(const Device& device, const Bytes& certificate) const {
    return {.suite = mls::CipherSuite::p256_aes128gcm_sha256_p256,
            .device = device,
            .certificate_chain = {certificate},
            .external_sender = tls::encode(sender()),
            .device_ca = ca_.der(),
            .device_log_key = log.key(),
            .device_log = {}};
  }
  mls::ExternalSender sender() const {
    return {server_.public_key(), mls::Credential::basic(bytes_of("server"))};
  }
  /// What the server says in a group at this epoch.
  mls::MlsMessage propose_removal(std::uint64_t epoch, mls::LeafIndex leaf) const {
    return {*mls::propose_externally(to_bytes(kId), epoch, 0, {mls::Remove{leaf}}, server_)};
  }

  const crypto::Certificate& ca() const { return ca_; }
  transparency::MemoryLog log;

 private:
  crypto::SigningKey ca_key_;
  crypto::Certificate ca_;
  crypto::SigningKey server_;
};

/// A device of somebody, with its own view of the log.
class Member {
 public:
  Member(Organisation& organisation, int number, Logged logged = Logged::yes)
      : organisation_(organisation), key_(new_key()) {
    const std::string digits = std::to_string(1000 + number);
    device = {"0000" + digits + "-0000-7000-8000-000000000001",
              "0000" + digits + "-0000-7000-8000-000000000002"};
    certificate = organisation.certify(key_, organisation.request_for(device));
    if (logged == Logged::yes) organisation.enter(device, certificate);
    restart({});
  }

  /// As a program does that starts, with what it kept of the log.
  void restart(const Bytes& kept) {
    follower.reset();
    auto identity = organisation_.identity_of(device, certificate);
    identity.device_log = kept;
    auto signer = crypto::SigningKey::from_raw(kSignature, key_.to_raw().view());
    auto made = Context::create(identity, std::make_unique<crypto::SigningKey>(std::move(*signer)), kNow);
    context = std::move(*made);
    follower = std::make_unique<DeviceLogFollower>(
        *context, keeper,
        DeviceLogFollower::Host{.keep = [this](const LogStatus& status) { kept_log = status.state; },
                                .wait =
                                    [this] {
                                      ++waits;
                                      if (while_waiting) while_waiting();
                                    },
                                .remember = [this](const DeviceLogFollower::Refused& now) { refused = now; }},
        refused);
  }
  transparency::CertificateHash hash() const { return transparency::hash_of_certificate(certificate); }
  SealedKeyPackage package() const {
    return make_key_packages(1, LastResort::no, sealing_key(), *context)->front();
  }
  NewMember invite(const SealedKeyPackage& sealed) const { return {device, sealed.key_package}; }
  NewMember invite() const { return invite(package()); }

  Outcome<Conversation> join(const Bytes& welcome, const SealedKeyPackage& sealed) {
    const auto message = decoded(welcome);
    auto joined = follower->trusting([&] {
      return Conversation::join(*message.as<mls::Welcome>(), {},
                                *mls::KeyPackageBundle::unseal(sealing_key(), sealed.sealed), sealing_key(),
                                *context);
    });
    if (!joined) return std::unexpected(joined.error());
    state = joined->state;
    return std::move(joined->conversation);
  }
  Outcome<ProcessedEntry> take(Conversation& conversation, const Bytes& wire) {
    const auto message = decoded(wire);
    auto processed = follower->trusting([&] { return conversation.process(message, *context); });
    if (processed && !processed->state.base.empty()) state = processed->state;
    return processed;
  }
  Bytes say(Conversation& conversation, std::string_view text) {
    auto message = follower->trusting([&] { return conversation.protect(as_bytes(text), *context); });
    EXPECT_TRUE(message) << message.error().rule_text();
    state = message->state;
    return message->message;
  }
  Conversation reopen() const { return std::move(*Conversation::open(kId, state, sealing_key())); }

  Device device;
  Bytes certificate;
  std::unique_ptr<Context> context;
  Bytes kept_log;
  DeviceLogFollower::Refused refused;
  SealedState state;  ///< of the conversation, as it was written last
  int waits = 0;
  std::function<void()> while_waiting;

 private:
  Organisation& organisation_;
  crypto::SigningKey key_;

 public:
  LogKeeper keeper{organisation_.log};
  std::unique_ptr<DeviceLogFollower> follower;
};

/// Ann, who has begun a conversation with Ben, and Cleo, who is not in it.
class ConversationTest : public ::testing::Test {
 protected:
  ConversationTest() : ann_(organisation_, 1), ben_(organisation_, 2), cleo_(organisation_, 3) {}

  /// Ann's commit of this intent, accepted by the server: merged, and given to these.
  StagedCommit commit(Intent intent, const std::vector<std::pair<Member*, Conversation*>>& others = {}) {
    auto staged = ann_.follower->trusting([&] { return anns_->commit(intent, *ann_.context); });
    EXPECT_TRUE(staged) << staged.error().rule_text();
    ann_.state = anns_->merge_pending(*ann_.context)->state;
    for (const auto& [member, conversation] : others)
      EXPECT_TRUE(member->take(*conversation, staged->pending.commit));
    return std::move(*staged);
  }
  void begin() {
    const auto package = ben_.package();
    auto made = ann_.follower->trusting(
        [&] { return Conversation::create(kId, {ben_.invite(package)}, sealing_key(), *ann_.context); });
    ASSERT_TRUE(made) << made.error().rule_text();
    anns_ = std::move(made->conversation);
    ann_.state = anns_->merge_pending(*ann_.context)->state;
    auto joined = ben_.join(*made->created.first.pending.welcome, package);
    ASSERT_TRUE(joined) << joined.error().rule_text();
    bens_ = std::move(*joined);
  }
  /// What the server shows Ann and Ben from now on: a log that has this device too.
  void lie_about(const Member& ghost) {
    for (const std::string& entry : organisation_.log.entries) lie_.add(*transparency::parse_entry(entry));
    lie_.add({ghost.device.user_id, ghost.device.device_id, ghost.certificate});
    ann_.keeper.show(lie_);
    ben_.keeper.show(lie_);
  }
  /// As for a device from before there was a log: it remembers nothing, and is shown the real one.
  void tell_the_truth(Member& member) {
    member.restart({});
    member.keeper.show(organisation_.log);
  }
  mls::LeafIndex leaf_of(const Conversation& conversation, const Member& member) const {
    // Leaves are given from the left, in the order in which devices came.
    const auto members = conversation.describe(*ann_.context).members;
    const auto at = std::ranges::find(members, member.device);
    EXPECT_NE(at, members.end());
    return {static_cast<std::uint32_t>(at - members.begin())};
  }
  std::uint64_t epoch(const Conversation& conversation) const {
    return conversation.describe(*ann_.context).epoch;
  }

  Organisation organisation_;
  transparency::MemoryLog lie_;
  Member ann_;
  Member ben_;
  Member cleo_;
  std::optional<Conversation> anns_;
  std::optional<Conversation> bens_;
};

inline Code code_of(const auto& outcome) { return outcome ? Code::ok : outcome.error().code; }

}  // namespace wardline::conversation::testing
