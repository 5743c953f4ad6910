#include "client/messaging/error.h"

namespace wardline::client {
namespace {

std::string_view code_of(StoreError error) {
  switch (error) {
    case StoreError::in_use:
      return "profile-in-use";
    case StoreError::absent:
      return "not-enrolled";
    case StoreError::does_not_open:
      return "device-unreadable";
    case StoreError::newer_version:
      return "profile-newer";
    case StoreError::too_open:
      return "profile-too-open";
    case StoreError::disk:
      return "disk";
  }
  return "disk";
}

std::string_view detail_of(StoreError error) {
  switch (error) {
    case StoreError::in_use:
      return "Another process uses this profile. Wait for it, or give this one a profile of its own.";
    case StoreError::absent:
      return "This profile has no device yet. Enrol or sign in first.";
    case StoreError::does_not_open:
      return "What this device kept does not open: its data was changed, or the device was replaced. `device "
             "reset` makes this profile a new device.";
    case StoreError::newer_version:
      return "A newer version of this program wrote this profile. Use that one.";
    case StoreError::too_open:
      return "Others can read this profile. Make its folder and files readable by its owner only (chmod -R "
             "go= FOLDER).";
    case StoreError::disk:
      return "The disk refused to write or read: it may be full or read-only. Nothing was lost that had been "
             "reported as done.";
  }
  return "";
}

std::string_view code_of(conversation::Code code) {
  switch (code) {
    case conversation::Code::unknown_conversation:
      return "not-joined";
    case conversation::Code::not_a_member:
      return "not-a-member";
    case conversation::Code::invalid_credential:
      return "invalid-credential";
    case conversation::Code::unreadable_state:
      return "device-unreadable";
    case conversation::Code::commit_pending:
      return "busy";
    case conversation::Code::unlogged_device:
      return "untrusted-device";
    case conversation::Code::log_alarm:
      return "device-log-alarm";
    default:
      return "encryption-refused";
  }
}

std::string detail_of(const conversation::Failure& failure) {
  const auto rule = failure.rule_text();
  const std::string because = rule.empty() ? "." : " (" + rule + ").";
  switch (failure.code) {
    case conversation::Code::unlogged_device:
      return "A device of somebody here is not in the organisation's log of devices: whose it is nobody "
             "knows. Nothing was sent. One that is only seconds old may still appear: try again once. If it "
             "happens again, tell IT security.";
    case conversation::Code::log_alarm:
      return "SENDING IS ON HOLD: the organisation's log of devices contradicts what this device saw of it" +
             because + " Somebody unknown could read what you write. Tell IT security now.";
    default:
      return "The encryption refused this step" + because;
  }
}

}  // namespace

Error::Error(StoreError error) : code(code_of(error)), detail(detail_of(error)) {}

Error::Error(const conversation::Failure& failure)
    : code(code_of(failure.code)), detail(detail_of(failure)) {}

bool Error::is_session_loss() const {
  return status == 401 && (code == "no-session" || code == "session-ended" || code == "sign-in-needed" ||
                           code == "device-needed");
}

}  // namespace wardline::client
