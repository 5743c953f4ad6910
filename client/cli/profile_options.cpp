#include "client/cli/profile_options.h"

#include <cstdlib>

#include "client/account/totp.h"
#include "client/cli/secret_input.h"
#include "client/store/private_file.h"

namespace wardline::cli {

using namespace client;
namespace fs = std::filesystem;

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

Outcome<SecretBytes> code_from_file(const fs::path& file) {
  const auto secret = read_private_file(fs::absolute(file));
  if (!secret)
    return failed("no-secret",
                  "The second factor's file cannot be read by its owner alone: " + file.string());
  std::string base32 = as_text(secret->view());
  while (!base32.empty() && base32.back() == '\n') base32.pop_back();
  const auto code = totp_code(base32, now_microseconds() / 1'000'000);
  if (!code) return failed("no-secret", "The second factor's file holds no base32 secret.");
  return SecretBytes(as_bytes(*code));
}

}  // namespace

fs::path default_profile() {
  if (const auto own = environment("WARDLINE_PROFILE"); !own.empty()) return own;
  if (const auto data = environment("XDG_DATA_HOME"); !data.empty()) return fs::path(data) / "wardline";
  return fs::path(environment("HOME")) / ".local/share/wardline";
}

fs::path second_factor_file(const ProfileOptions& options) {
  return options.second_factor_file.empty() ? fs::path(environment("WARDLINE_SECOND_FACTOR_FILE"))
                                            : options.second_factor_file;
}

Secrets secrets_of(const ProfileOptions& options) {
  Secrets secrets;
  secrets.username = options.username.empty() ? environment("WARDLINE_USERNAME") : options.username;
  secrets.password = [] { return ask_secret({"Password", "WARDLINE_PASSWORD"}); };
  const auto file = second_factor_file(options);
  if (file.empty()) {
    secrets.one_time_code = [] { return ask_secret({"One-time code", "WARDLINE_ONE_TIME_CODE"}); };
  } else {
    secrets.one_time_code = [file] { return code_from_file(file); };
    secrets.waits_for_next_code = true;
  }
  return secrets;
}

Outcome<std::unique_ptr<Access>> open_access(const ProfileOptions& options, AccessOptions more) {
  more.profile = options.profile.empty() ? default_profile() : options.profile;
  auto access = Access::open(std::move(more));
  if (!access) return access;
  // Whoever has put all of it there wants to be asked nothing: a bot.
  auto secrets = secrets_of(options);
  const bool has_password = !environment("WARDLINE_PASSWORD").empty();
  if (!secrets.username.empty() && has_password && !second_factor_file(options).empty()) {
    (*access)->renew_with(std::move(secrets));
  }
  return access;
}

Outcome<OpenClient> open_client(const ProfileOptions& options, Output& output) {
  OpenClient open;
  auto access = open_access(options);
  if (!access) return std::unexpected(access.error());
  open.access = std::move(*access);
  auto client = Client::open(*open.access);
  if (!client) return std::unexpected(client.error());
  open.client = std::move(*client);
  if (auto synced = open.client->sync(); !synced) return std::unexpected(synced.error());
  output.watch(open.client->device_log());
  return open;
}

}  // namespace wardline::cli
