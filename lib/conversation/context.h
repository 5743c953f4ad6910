// This device, and what it judges everything by.
#pragma once

#include <memory>

#include "lib/conversation/device_authority.h"
#include "lib/conversation/failure.h"
#include "lib/mls/member/group.h"

namespace wardline::conversation {

/// What a device is set up with.
struct Identity {
  mls::CipherSuite suite{};
  Device device;
  std::vector<Bytes> certificate_chain;  ///< DER, leaf first
  Bytes external_sender;                 ///< an encoded ExternalSender: the server
  Bytes device_ca;                       ///< DER
  std::string device_log_key;            ///< as the server says today; the one in `device_log` is pinned
  Bytes device_log;                      ///< what was kept of it (LogStatus::state); empty the first time
  WARDLINE_TLS_FIELDS(suite, device, certificate_chain, external_sender, device_ca, device_log_key,
                      device_log)
};

class Context {
 public:
  /// `invalid_credential` unless the chain is of this device, by the CA, and for the signer's key;
  /// `log_alarm` if the device log's key is another than the one that was kept.
  static Outcome<std::unique_ptr<Context>> create(const Identity& identity,
                                                  std::unique_ptr<crypto::Signer> signer, std::int64_t now);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Microseconds since 1970 UTC. Set before each call.
  void set_now(std::int64_t now);

  const mls::Suite& suite() const { return *suite_; }
  const Device& device() const { return device_; }
  const crypto::Signer& signer() const { return *signer_; }
  const mls::LeafDescription& leaf() const { return leaf_; }
  const DeviceAuthority& authority() const { return authority_; }

  // The device log (ENC-8). `log_alarm`, and nothing changed, where it contradicts what was seen of it.
  LogStatus log_status() const;
  Outcome<LogStatus> learn(std::string_view checkpoint, std::span<const merkle::Hash> consistency);
  Outcome<LogStatus> prove(std::span<const LoggedCertificate> logged);
  /// Entries of `log_status().unread`; gives those about other devices of this device's person.
  Outcome<ReadEntries> read_log(std::span<const std::string> entries, std::span<const merkle::Hash> proof);

  const mls::ExternalSender& server() const { return server_; }
  mls::Environment environment() const { return {validation_}; }
  /// For a leaf made now: a month, or as long as the certificate lasts.
  mls::Lifetime lifetime() const;

  std::optional<Device> device_of(const mls::LeafNode& leaf) const {
    return authority_.device_of(leaf.credential);
  }
  std::vector<Device> members_of(const mls::RatchetTree& tree) const;
  std::optional<mls::LeafIndex> leaf_of(const mls::RatchetTree& tree, const Device& device) const;

 private:
  Context(const mls::Suite& suite, Device device, std::unique_ptr<crypto::Signer> signer,
          mls::LeafDescription leaf, mls::ExternalSender server, DeviceAuthority authority,
          crypto::Validity validity);

  const mls::Suite* suite_;
  Device device_;
  std::unique_ptr<crypto::Signer> signer_;
  mls::LeafDescription leaf_;
  mls::ExternalSender server_;
  crypto::Validity validity_;  // Of this device's certificate.
  DeviceAuthority authority_;
  mls::Validation validation_;
};

}  // namespace wardline::conversation
