// The log of device certificates as this device follows it (ENC-8): whom to believe, what members compare,
// and what is held back once the log contradicts itself. The checks are lib/conversation's.
#pragma once

#include <set>

#include "client/messaging/device_log_source.h"
#include "client/messaging/device_state.h"

namespace wardline::client {

/// What a device is set up with: what was kept on first use, whatever the server says now.
struct Pinned {
  PinsRecord pins;
  bool changed = false;  ///< the server has come with others since
  Bytes log;             ///< what was seen of the log; empty the first time
  RefusedDevicesRecord refused;
  TrustRecord trust;
};
Outcome<Pinned> pin(SealedStore& store, const DeliveryService& said);

class DeviceLog {
 public:
  /// `api` and `state` outlive the object.
  DeviceLog(Api& api, DeviceState& state, const Pinned& pinned);

  /// At each start: the newest checkpoint must continue the one seen before, and what was logged since in
  /// this person's name goes to `added`. An alarm is kept and reported, and ends when a later check finds all
  /// well; "members-differ" does not end by itself. Where the log cannot be had now, each proof asks for it
  /// again.
  Outcome<void> check();

  /// How the log contradicts itself, in the words of docs/api.md; empty if it does not.
  const std::string& alarm() const { return trust_.alarm; }
  /// `device-log-alarm` while there is one: nothing is sent then, and nobody let in.
  Outcome<void> calm() const;

  const std::vector<AddedDevice>& added() const { return trust_.added; }
  /// The person knows that device.
  Outcome<void> is_mine(const std::string& device_id);

  /// Runs `work`, proving the devices that it meets. It may run several times.
  template <class Work>
  auto trusting(Work work) -> decltype(work()) {
    auto outcome = follower_.trusting(std::move(work));
    if (!outcome && outcome.error().alarm) raise(name_of(*outcome.error().alarm));
    return outcome;
  }
  /// The failure is about whom to believe, or the log could not be asked: the work itself may be good.
  static bool is_about_trust(const conversation::Failure& failure);
  /// What came of `trusting`: where the log could not be asked, why not.
  Error error_of(const conversation::Failure& failure) const;

  /// A device of this conversation is in no log: tells the organisation.
  void report_unlogged(const std::string& conversation_id) { report("unlogged-device", conversation_id); }

  /// The newest checkpoint and its size, for members who were told of another size.
  struct Telling {
    std::string checkpoint;
    std::uint64_t size = 0;
  };
  std::optional<Telling> to_tell(std::uint64_t told) const;
  /// A member of a conversation saw this checkpoint: one log for both, or an alarm.
  void hear(const std::string& checkpoint);

 private:
  void raise(std::string_view alarm);
  void report(std::string_view problem, const std::optional<std::string>& conversation_id = std::nullopt);
  Outcome<void> keep_trust();

  Api& api_;
  DeviceState& state_;
  DeviceLogSource source_;
  conversation::DeviceLogFollower follower_;
  const bool changed_;
  TrustRecord trust_;
  std::set<std::string> compared_;
  std::set<std::string> reported_;
};

}  // namespace wardline::client
