// What every command that talks to a server takes: which profile, how to sign in where that is needed, and
// how to print.
#pragma once

#include "client/cli/output.h"

namespace wardline::cli {

struct ProfileOptions {
  std::filesystem::path profile;  ///< empty: the person's own, see `default_profile`
  Format format = Format::text;
  std::string username;                      ///< or WARDLINE_USERNAME
  std::filesystem::path second_factor_file;  ///< or WARDLINE_SECOND_FACTOR_FILE: a one-time code's secret
};

/// $WARDLINE_PROFILE, else wardline in $XDG_DATA_HOME, else ~/.local/share/wardline.
std::filesystem::path default_profile();

/// What was given, else $WARDLINE_SECOND_FACTOR_FILE; empty if neither.
std::filesystem::path second_factor_file(const ProfileOptions& options);

/// What a sign-in asks, answered from a prompt, the environment, or the second factor's file.
client::Secrets secrets_of(const ProfileOptions& options);
/// A profile with its state open, level with the server.
struct OpenClient {
  std::unique_ptr<client::Access> access;
  std::unique_ptr<client::Client> client;
};
client::Outcome<std::unique_ptr<client::Access>> open_access(const ProfileOptions& options,
                                                             client::AccessOptions more = {});
/// `output` says from now on when devices cannot be trusted.
client::Outcome<OpenClient> open_client(const ProfileOptions& options, Output& output);

}  // namespace wardline::cli
