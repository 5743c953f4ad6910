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
    default:
      return "encryption-refused";
  }
}

}  // namespace

Error::Error(StoreError error) : code(code_of(error)), detail(detail_of(error)) {}

Error::Error(const conversation::Failure& failure)
    : code(code_of(failure.code)), detail("The encryption refused this step") {
  const auto rule = failure.rule_text();
  detail += rule.empty() ? "." : " (" + rule + ").";
}

bool Error::is_session_loss() const {
  return status == 401 && (code == "no-session" || code == "session-ended" || code == "sign-in-needed" ||
                           code == "device-needed");
}

}  // namespace wardline::client
