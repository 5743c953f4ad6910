// What a program fetches of the device log, when, and what follows from it (ENC-8): the same steps as the
// browser's web/packages/messaging/src/device_log.ts. The transport and the store are the caller's.
#pragma once

#include <functional>
#include <set>

#include "lib/conversation/context.h"

namespace wardline::conversation {

/// The calls of docs/api.md, "The device log".
class DeviceLogSource {
 public:
  enum class Refusal : std::uint8_t {
    not_logged_yet,  ///< the log does not have it: it is written about once a second
    refused,         ///< an answer that no honest server gives
    unreachable,     ///< no answer, or one that says to try again
  };
  template <class T>
  using Answer = std::expected<T, Refusal>;
  struct Entries {
    std::vector<std::string> entries;
    merkle::Proof proof;
  };

  virtual ~DeviceLogSource() = default;
  virtual Answer<std::string> checkpoint() = 0;
  virtual Answer<merkle::Proof> consistency(std::uint64_t from, std::uint64_t to) = 0;
  /// At most kMostCertificates.
  virtual Answer<std::vector<LoggedCertificate>> inclusion(
      std::uint64_t size, std::span<const transparency::CertificateHash> certificates) = 0;
  virtual Answer<Entries> entries(transparency::LogView::Range range, std::uint64_t size) = 0;
};

class DeviceLogFollower {
 public:
  static constexpr std::size_t kMostCertificates = 256;
  /// How often a proof is asked for before a device counts as unlogged.
  static constexpr int kMostTries = 5;

  /// Certificates that the log did not have after all tries. They are asked about again whenever they are
  /// met, as the log may be late by more than that, but not waited for: a device in no log must not slow down
  /// every step of a program that meets it.
  using Refused = std::set<transparency::CertificateHash>;
  static constexpr std::size_t kMostRefused = 1024;

  struct Host {
    std::function<void(const LogStatus&)> keep;  ///< writes `state` down, sealed
    std::function<void()> wait;                  ///< about a second, for the log to be written
    /// Writes down what to begin with the next time. May be left out.
    std::function<void(const Refused&)> remember = nullptr;
  };

  /// All of them outlive the object. `refused`: what was remembered before.
  DeviceLogFollower(Context& context, DeviceLogSource& source, Host host, Refused refused = {})
      : context_(context), source_(source), host_(std::move(host)), refused_(std::move(refused)) {}

  /// At each session's start: the newest checkpoint, which must continue the one seen before, and every entry
  /// since. Gives the other devices that were logged in this person's name. `log_alarm`: tell the person and
  /// the server, and send nothing; `provider_failed`: the server could not be asked.
  Outcome<std::vector<OwnDevice>> check();

  /// Runs `work`, which gives an Outcome; where it met devices that are not known to be logged, proves them
  /// and runs it again. What stays `unlogged_device` then, and names those alone that nobody logged, is to be
  /// told.
  template <class Work>
  auto trusting(Work work) -> decltype(work()) {
    constexpr int kMostRounds = 4;  // Between two tries others may be met, never many times over.
    for (int round = 1;; ++round) {
      auto outcome = work();
      if (outcome || outcome.error().code != Code::unlogged_device || round == kMostRounds) return outcome;
      const auto proven = prove(outcome.error().unlogged);
      if (!proven) return std::unexpected(proven.error());
      if (!*proven) return work();
    }
  }

  /// A checkpoint that another member saw (content's `device_log`): one log for both, or `log_alarm` of a
  /// fork. One that the log's key has not signed says nothing.
  Outcome<void> compare(std::string_view checkpoint);

 private:
  using Certificates = std::span<const transparency::CertificateHash>;

  Outcome<void> advance();
  Outcome<bool> prove(Certificates certificates);
  Outcome<bool> prove_once(Certificates certificates);
  /// After the last try: proves those that the log has. It proves all of a request or none.
  Outcome<bool> prove_each(Certificates certificates);
  Outcome<void> part(Certificates certificates, int& requests);
  bool is_logged(const transparency::CertificateHash& certificate) const;
  void remember(Certificates certificates);
  Outcome<void> keep(Outcome<LogStatus> status);

  Context& context_;
  DeviceLogSource& source_;
  Host host_;
  Refused refused_;
};

}  // namespace wardline::conversation
