// Devices in one MLS group around an honest delivery service, to be attacked by a script: what each device
// has read, who was a member when, and what everybody must agree on.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "lib/mls/member/external_join.h"
#include "lib/mls/member/group.h"
#include "lib/mls/public/external_proposal.h"
#include "lib/mls/public/public_group.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {

/// Believes everybody: what is under attack here is the group and not the authentication service.
class Believer final : public mls::CredentialValidator {
 public:
  bool accepts(const mls::Credential&, const mls::SignaturePublicKey&, mls::CredentialRole) const override {
    return true;
  }
  bool accepts_successor(const mls::Credential&, const mls::Credential&) const override { return true; }
};

/// Knows one external PSK, "psk".
class OnePsk final : public mls::PskStore {
 public:
  std::optional<SecretBytes> find(const mls::PreSharedKeyId& id) const override;
};

/// What the delivery service keeps of a message that it has accepted.
struct Entry {
  Bytes wire;
  mls::Epoch epoch = 0;
  std::size_t sender = 0;               ///< device
  std::optional<Bytes> plaintext = {};  ///< of an application message
  std::set<std::size_t> readers = {};   ///< devices that have read it
  std::set<std::size_t> audience = {};  ///< devices that were members in its epoch
};

struct Member {
  explicit Member(const mls::Suite& suite, const std::string& name);

  crypto::SigningKey signer;
  mls::LeafDescription description;
  std::optional<mls::Group> group;
  std::optional<mls::CommitBundle> pending;           ///< what `group` waits for
  std::optional<mls::KeyPackageBundle> invited_with;  ///< whom `pending` adds, by its key package
  std::size_t invited = 0;                            ///< ... and which device that is
  std::size_t read_to = 0;                            ///< entries of the log that it has been given
};

class MlsWorld {
 public:
  static constexpr std::size_t kDevices = 5;
  static constexpr std::size_t kServer = kDevices;  ///< as a sender of entries

  explicit MlsWorld(mls::CipherSuite suite);

  /// One step of the script. Ends the process when a property breaks.
  void step(Input& input);
  /// What must hold between the devices now.
  void check_agreement();
  /// Whoever was not a member in a message's epoch cannot read it, and nobody reads twice.
  void check_secrecy();

  // For seeds.
  const std::set<Bytes>& honest() const { return honest_; }
  mls::RatchetTreeWire tree() const { return server_->tree().to_wire(); }
  /// What members and server would store, in the clear, each with the form that the target mls_sealed knows
  /// it by.
  std::vector<std::pair<std::uint8_t, Bytes>> stored() const;

 private:
  // Steps: see mls_steps.cpp.
  void protect(std::size_t device, Input& input);
  void propose(std::size_t device, Input& input);
  void commit(std::size_t device, Input& input);
  void send_pending(std::size_t device);
  void commit_lost(std::size_t device);
  void catch_up(std::size_t device, std::size_t entries);
  void join_externally(std::size_t device, Input& input);
  void propose_from_outside(Input& input);
  void deliver_any(std::size_t device, Input& input);
  void deliver_damaged(std::size_t device, Input& input);
  void deliver_made_up(std::size_t device, Input& input);
  void damage_joining(Input& input);
  void reload(std::size_t device, Input& input);

  mls::Proposal some_proposal(std::size_t device, Input& input);
  void give(std::size_t device, std::size_t entry);
  void give_hostile(std::size_t device, const Bytes& wire);
  void give_server_hostile(const Bytes& wire);
  void accept(const mls::MlsMessage& message, std::size_t sender, std::optional<Bytes> plaintext = {});
  void accept_handshake(const mls::MlsMessage& message, std::size_t sender);
  void took(std::size_t device, const Entry& entry, mls::Event event);
  Bytes snapshot(const mls::Group& group) const;
  std::set<std::size_t> roster() const;
  bool takes_part(std::size_t device) const;

  const mls::Suite& suite_;
  Believer believer_;
  OnePsk psks_;
  mls::Validation validation_{believer_, mls::LifetimeCheck{.now = 1500, .longest_span = 1000}};
  mls::Environment environment_{validation_, &psks_};
  mls::SealingKey key_ = mls::SealingKey::generate();
  std::vector<Member> devices_;
  crypto::SigningKey server_signer_;
  std::optional<mls::PublicGroup> server_;
  std::optional<mls::MlsMessage> group_info_;  ///< of the present epoch
  std::optional<mls::MlsMessage> welcome_;     ///< the last one
  std::vector<Entry> log_;
  std::set<Bytes> honest_;  ///< all that devices and server have ever made
};

}  // namespace wardline::fuzz
