#include "client/messaging/device_log.h"

#include <thread>

#include "lib/content/content.h"

namespace wardline::client {

using conversation::Code;
using conversation::Failure;
using conversation::LogStatus;
using Refused = conversation::DeviceLogFollower::Refused;

namespace {

constexpr std::string_view kPins = "device-log-pins";
constexpr std::string_view kView = "device-log-view";
constexpr std::string_view kRefused = "device-log-refused";
constexpr std::string_view kTrust = "device-log-trust";
constexpr std::string_view kMembersDiffer = "members-differ";

template <class Record>
Outcome<std::optional<Record>> fact(const SealedStore& store, std::string_view name) {
  auto value = store.get(Record::kTable, text_key(name));
  if (!value) return failed(value);
  if (!*value) return std::optional<Record>();
  auto record = decode_record<Record>(**value);
  if (!record) return std::unexpected(record.error());
  return std::optional(std::move(*record));
}

}  // namespace

Outcome<Pinned> pin(SealedStore& store, const DeliveryService& said) {
  auto pins = fact<PinsRecord>(store, kPins);
  if (!pins) return std::unexpected(pins.error());
  if (!*pins) {
    *pins = PinsRecord{said.device_log_key, said.device_ca};
    Changes changes;
    put(changes, text_key(kPins), **pins);
    if (auto written = store.write(changes); !written) return failed(written);
  }
  auto view = fact<LogViewRecord>(store, kView);
  if (!view) return std::unexpected(view.error());
  auto refused = fact<RefusedDevicesRecord>(store, kRefused);
  if (!refused) return std::unexpected(refused.error());
  auto trust = fact<TrustRecord>(store, kTrust);
  if (!trust) return std::unexpected(trust.error());
  const bool changed = (*pins)->device_log_key != said.device_log_key || (*pins)->device_ca != said.device_ca;
  return Pinned{std::move(**pins), changed, *view ? std::move((*view)->state) : Bytes(),
                refused->value_or(RefusedDevicesRecord()), trust->value_or(TrustRecord())};
}

DeviceLog::DeviceLog(Api& api, DeviceState& state, const Pinned& pinned)
    : api_(api),
      state_(state),
      source_(api),
      follower_(state.context(), source_,
                {.keep =
                     [&state](const LogStatus& status) {
                       Changes changes;
                       put(changes, text_key(kView), LogViewRecord{status.state});
                       // If it fails, an older view is there the next time, which is as true.
                       (void)state.note(changes);
                     },
                 .wait = [] { std::this_thread::sleep_for(std::chrono::seconds(1)); },
                 .remember =
                     [&state](const Refused& refused) {
                       Changes changes;
                       put(changes, text_key(kRefused),
                           RefusedDevicesRecord{{refused.begin(), refused.end()}});
                       (void)state.note(changes);  // If it fails, the log is waited for once more.
                     }},
                {pinned.refused.certificates.begin(), pinned.refused.certificates.end()}),
      changed_(pinned.changed),
      trust_(pinned.trust) {}

Outcome<void> DeviceLog::check() {
  if (changed_) {
    raise(transparency::name_of(transparency::Alarm::other_key));
    return {};
  }
  (void)state_.context();
  const auto added = follower_.check();
  if (!added) {
    if (added.error().alarm) raise(transparency::name_of(*added.error().alarm));
    return {};
  }
  bool told = false;
  for (const auto& [device_id, issued_at] : *added) {
    if (std::ranges::find(trust_.added, device_id, &AddedDevice::device_id) != trust_.added.end()) continue;
    trust_.added.push_back({device_id, issued_at});
    told = true;
  }
  // That members were shown two logs has been proven, and does not end because one of the two goes on.
  const bool over = !trust_.alarm.empty() && trust_.alarm != kMembersDiffer;
  if (over) trust_.alarm.clear();
  return told || over ? keep_trust() : Outcome<void>();
}

Outcome<void> DeviceLog::calm() const {
  if (trust_.alarm.empty()) return {};
  if (trust_.alarm == kMembersDiffer) {
    return failed("device-log-alarm",
                  "SENDING IS ON HOLD: you and a colleague are shown different logs of devices "
                  "(members-differ). Somebody unknown could read what you write. Tell IT security now.");
  }
  return failed(
      "device-log-alarm",
      "SENDING IS ON HOLD: the organisation's log of devices contradicts what this device saw of it "
      "(" +
          trust_.alarm + "). Somebody unknown could read what you write. Tell IT security now.");
}

Outcome<void> DeviceLog::is_mine(const std::string& device_id) {
  std::erase_if(trust_.added, [&](const AddedDevice& each) { return each.device_id == device_id; });
  return keep_trust();
}

bool DeviceLog::is_about_trust(const Failure& failure) {
  return failure.code == Code::unlogged_device || failure.code == Code::log_alarm ||
         failure.code == Code::provider_failed;
}

Error DeviceLog::error_of(const Failure& failure) const {
  const bool unasked = failure.code == Code::provider_failed && !failure.rule && source_.trouble();
  return unasked ? *source_.trouble() : Error(failure);
}

std::optional<DeviceLog::Telling> DeviceLog::to_tell(std::uint64_t told) const {
  LogStatus status = state_.context().log_status();
  if (status.size == 0 || status.size == told || status.checkpoint.size() > content::kMostDeviceLogBytes)
    return std::nullopt;
  return Telling{std::move(status.checkpoint), status.size};
}

void DeviceLog::hear(const std::string& checkpoint) {
  if (compared_.contains(checkpoint)) return;
  source_.forget_trouble();
  const auto same = follower_.compare(checkpoint);
  if (!same && !same.error().alarm) return;  // The log cannot be had now: its next message asks again.
  constexpr std::size_t kMostCompared = 256;
  if (compared_.size() >= kMostCompared) compared_.clear();
  compared_.insert(checkpoint);
  if (same) return;
  // Two signed checkpoints that no proof joins are proof of two logs; a server that shows no proof is none.
  const auto alarm = *same.error().alarm;
  const bool is_proven = alarm == transparency::Alarm::forked && !source_.trouble();
  raise(is_proven ? kMembersDiffer : transparency::name_of(alarm));
}

void DeviceLog::raise(std::string_view alarm) {
  // What is no checkpoint at all is signed by nobody.
  if (alarm == transparency::name_of(transparency::Alarm::malformed))
    alarm = transparency::name_of(transparency::Alarm::bad_signature);
  report(alarm);
  // The first says what happened, until a check finds all well; but what was proven outweighs it.
  if (!trust_.alarm.empty() && (alarm != kMembersDiffer || trust_.alarm == alarm)) return;
  trust_.alarm = alarm;
  // It holds for this process in any case; and the next one looks for itself.
  (void)keep_trust();
}

/// Once for each matter and process.
void DeviceLog::report(std::string_view problem, const std::optional<std::string>& conversation_id) {
  const std::string matter = std::string(problem) + ' ' + conversation_id.value_or("");
  if (!reported_.insert(matter).second) return;
  json::object body{{"problem", problem}};
  if (conversation_id) body["conversation_id"] = *conversation_id;
  if (!api_.call("POST", "/v1/device-log/reports", &body)) reported_.erase(matter);
}

Outcome<void> DeviceLog::keep_trust() {
  Changes changes;
  put(changes, text_key(kTrust), trust_);
  return state_.note(changes);
}

}  // namespace wardline::client
