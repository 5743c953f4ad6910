#include "client/cli/device_commands.h"

#include "client/cli/secret_input.h"
#include "client/store/private_file.h"

namespace wardline::cli {

namespace json = boost::json;
using namespace client;

namespace {

/// A new second factor goes into its file, or before a person's eyes.
Outcome<void> keep_one_time_secret(const ProfileOptions& options, Output& output,
                                   const OneTimeSecret& secret) {
  if (const auto file = second_factor_file(options); !file.empty()) {
    const auto kept = replace_private_file(std::filesystem::absolute(file), as_bytes(secret.base32 + "\n"));
    if (!kept) return failed(kept);
    return {};
  }
  if (output.format() == Format::json) {
    return failed("no-secret", "With --json the second factor needs a place: --second-factor-file FILE.");
  }
  output.note("Put this into your authenticator app; it is shown once:\n\n  " + secret.uri + "\n");
  return {};
}

Exit sign_in_with(const SignInCommand& command, const Secrets& secrets, Output& output) {
  if (secrets.username.empty())
    return output.fail(Error("no-secret", "Whose account? Name it with --username or WARDLINE_USERNAME."));
  auto access = open_access(command.profile, {.profile = {},
                                              .server = command.server,
                                              .server_certificate = command.server_certificate,
                                              .device_name = command.device_name});
  if (!access) return output.fail(access.error());
  const auto who = (*access)->sign_in(secrets);
  if (!who) return output.fail(who.error());
  // Be reachable from the first moment: others can begin conversations with this device now.
  auto client = Client::open(**access);
  if (!client) return output.fail(client.error());
  if (auto synced = (*client)->sync(); !synced) return output.fail(synced.error());
  output.watch((*client)->device_log());
  const auto& device = (*client)->me();
  output.line({{"user_id", who->user_id}, {"name", who->name}, {"device_id", device.device_id}},
              "Signed in as " + who->name + ".");
  return output.end();
}

}  // namespace

Exit run_enrol(const SignInCommand& command, Console& console) {
  Output output(console, command.profile.format);
  Secrets secrets = secrets_of(command.profile);
  secrets.activation_code = [] { return ask_secret({"Activation code", "WARDLINE_ACTIVATION_CODE"}); };
  secrets.keep_one_time_secret = [&](const OneTimeSecret& secret) {
    return keep_one_time_secret(command.profile, output, secret);
  };
  return sign_in_with(command, secrets, output);
}

Exit run_sign_in(const SignInCommand& command, Console& console) {
  Output output(console, command.profile.format);
  return sign_in_with(command, secrets_of(command.profile), output);
}

Exit run_sign_out(const ProfileOptions& options, Console& console) {
  Output output(console, options.format);
  auto access = open_access(options);
  if (!access) return output.fail(access.error());
  if (auto done = (*access)->sign_out(); !done) return output.fail(done.error());
  output.line({{"signed_out", true}}, "Signed out. What this device keeps stays, sealed.");
  return Exit::good;
}

Exit run_device_list(const ProfileOptions& options, Console& console) {
  Output output(console, options.format);
  auto access = open_access(options);
  if (!access) return output.fail(access.error());
  Api api((*access)->https(), [&] { return (*access)->renew(); });
  const auto devices = api.devices();
  if (!devices) return output.fail(devices.error());
  const auto own = (*access)->profile().device();
  for (const auto& device : *devices) {
    const bool is_this = own && own->device_id == device.device_id;
    json::object object{{"device_id", device.device_id},
                        {"name", device.name},
                        {"this_device", is_this},
                        {"created_at", device.created_at},
                        {"last_seen_at", device.last_seen_at},
                        {"revoked_at", nullptr}};
    if (device.revoked_at) object["revoked_at"] = *device.revoked_at;
    output.line(object, device.device_id + "  " + device.name + (is_this ? "  (this one)" : "") +
                            (device.revoked_at ? "  revoked " + time_text(*device.revoked_at) : ""));
  }
  return Exit::good;
}

Exit run_device_revoke(const ProfileOptions& options, const std::string& device_id, Console& console) {
  Output output(console, options.format);
  auto access = open_access(options);
  if (!access) return output.fail(access.error());
  Api api((*access)->https(), [&] { return (*access)->renew(); });
  if (auto done = api.revoke_device(device_id); !done) return output.fail(done.error());
  output.line({{"revoked", device_id}},
              "Revoked. Nothing is delivered to that device any more, and what it kept stays shut.");
  return Exit::good;
}

Exit run_device_mine(const ProfileOptions& options, const std::string& device_id, Console& console) {
  Output output(console, options.format);
  auto open = open_client(options, output);
  if (!open) return output.fail(open.error());
  if (auto done = open->client->device_log().is_mine(device_id); !done) return output.fail(done.error());
  output.line({{"mine", device_id}}, "Noted: that device is yours.");
  return output.end();
}

Exit run_device_reset(const ProfileOptions& options, Console& console) {
  Output output(console, options.format);
  auto profile = Profile::open(options.profile.empty() ? default_profile() : options.profile);
  if (!profile) return output.fail(Error(profile.error()));
  if (auto erased = profile->erase(); !erased) return output.fail(Error(erased.error()));
  output.line({{"reset", true}},
              "This profile has forgotten its device. The next sign-in, with --server, registers a new one.");
  return Exit::good;
}

}  // namespace wardline::cli
