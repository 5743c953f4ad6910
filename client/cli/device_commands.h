// `wardline enrol`, `sign-in`, `sign-out` and `device`: who is here, and on which device.
#pragma once

#include "client/cli/profile_options.h"

namespace wardline::cli {

struct SignInCommand {
  ProfileOptions profile;
  std::string server;
  std::filesystem::path server_certificate;
  std::string device_name = "Command line";
};
/// The first sign-in of an account: makes its second factor, and this profile a device.
Exit run_enrol(const SignInCommand& command, Console& console);
Exit run_sign_in(const SignInCommand& command, Console& console);
Exit run_sign_out(const ProfileOptions& options, Console& console);

Exit run_device_list(const ProfileOptions& options, Console& console);
Exit run_device_revoke(const ProfileOptions& options, const std::string& device_id, Console& console);
/// A device that was added in this person's name is theirs: it is told of no more (ENC-8).
Exit run_device_mine(const ProfileOptions& options, const std::string& device_id, Console& console);
Exit run_device_reset(const ProfileOptions& options, Console& console);

}  // namespace wardline::cli
