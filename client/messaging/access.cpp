#include "client/messaging/access.h"

#include <chrono>
#include <thread>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/system_error.hpp>

#include "client/account/uuid.h"
#include "client/messaging/api.h"
#include "client/messaging/device_state.h"
#include "lib/crypto/random.h"

namespace wardline::client {
namespace {

constexpr auto kAlgorithm = crypto::SignatureAlgorithm::ecdsa_p256_sha256;

Outcome<crypto::SigningKey> key_of(const DeviceIdentity& device) {
  auto key = crypto::SigningKey::from_raw(kAlgorithm, device.signing_key.view());
  if (!key) return std::unexpected(Error(StoreError::does_not_open));
  return std::move(*key);
}

Outcome<std::string> server_of(const Profile& profile, const AccessOptions& options) {
  const auto device = profile.device();
  if (!device && device.error() != StoreError::absent) return failed(device);
  if (!device && options.server.empty()) return std::unexpected(Error(StoreError::absent));
  if (device && !options.server.empty() && options.server != device->server) {
    return failed("other-server",
                  "This profile belongs to " + device->server + ". Use another profile for another server.");
  }
  return device ? device->server : options.server;
}

}  // namespace

Outcome<std::unique_ptr<Access>> Access::open(AccessOptions options) {
  auto profile = Profile::open(options.profile);
  if (!profile) return failed(profile);
  if (!options.server_certificate.empty()) {
    if (auto kept = profile->keep_server_certificate(options.server_certificate); !kept)
      return failed("no-certificate",
                    "The server's certificate cannot be read: " + options.server_certificate.string());
  }
  const auto server = server_of(*profile, options);
  if (!server) return std::unexpected(server.error());
  const auto url = ServerUrl::parse(*server);
  if (!url) return failed("other-server", "The server must look like https://host:port.");
  options.server = *server;
  std::error_code error;
  const bool has_own = std::filesystem::exists(profile->server_certificate(), error);
  try {
    auto tls = make_tls_context(has_own ? profile->server_certificate().string() : std::string());
    return std::unique_ptr<Access>(new Access(std::move(*profile), std::move(options), *url, std::move(tls)));
  } catch (const boost::system::system_error&) {
    return failed("no-certificate", "The server's certificate is not in PEM form.");
  }
}

Access::Access(Profile profile, AccessOptions options, ServerUrl url,
               std::unique_ptr<boost::asio::ssl::context> tls)
    : profile_(std::move(profile)),
      options_(std::move(options)),
      tls_(std::move(tls)),
      https_(std::make_unique<HttpsClient>(std::move(url), *tls_, profile_.session())) {}

Access::~Access() = default;

Outcome<SignedIn> Access::sign_in(const Secrets& secrets) {
  https_->set_cookie({});
  auto who = pass_factors(secrets);
  if (!who && who.error().code == "wrong-code" && secrets.waits_for_next_code) {
    constexpr std::int64_t kStep = 30'000'000;  // RFC 6238 §4.1, in microseconds.
    std::this_thread::sleep_for(std::chrono::microseconds(kStep - now_microseconds() % kStep));
    who = pass_factors(secrets);
  }
  if (!who) return who;
  if (auto bound = bind_device(*who); !bound) return std::unexpected(bound.error());
  if (auto kept = profile_.keep_session(https_->cookie()); !kept) return failed(kept);
  return who;
}

Outcome<void> Access::renew() {
  if (!renewal_) return failed("not-signed-in", "The session has ended. Sign in again.");
  const auto who = sign_in(*renewal_);
  if (!who) return std::unexpected(who.error());
  return {};
}

Outcome<SignedIn> Access::pass_factors(const Secrets& secrets) {
  const auto password = secrets.password();
  if (!password) return std::unexpected(password.error());
  auto sign_in = SignIn::begin(*https_, secrets.username, *password);
  if (!sign_in) return failed(sign_in);
  if (sign_in->needs_enrolment()) return enrol_factor(*sign_in, secrets);
  if (!sign_in->takes_one_time_code()) {
    return failed("no-one-time-code",
                  "This account signs in with a passkey only. Add a one-time code to it in the browser, "
                  "under Devices and sign-in.");
  }
  const auto code = secrets.one_time_code();
  if (!code) return std::unexpected(code.error());
  auto who = sign_in->finish(*code);
  if (!who) return failed(who);
  return std::move(*who);
}

Outcome<SignedIn> Access::enrol_factor(SignIn& sign_in, const Secrets& secrets) {
  if (!secrets.activation_code || !secrets.keep_one_time_secret) {
    return failed("not-enrolled",
                  "This account has no second factor yet. Enrol it first, with its activation code.");
  }
  const auto activation = secrets.activation_code();
  if (!activation) return std::unexpected(activation.error());
  const auto secret = sign_in.enrol(*activation);
  if (!secret) return failed(secret);
  if (auto kept = secrets.keep_one_time_secret(*secret); !kept) return std::unexpected(kept.error());
  const auto code = secrets.one_time_code();
  if (!code) return std::unexpected(code.error());
  auto who = sign_in.finish_enrolment(*code);
  if (!who) return failed(who);
  return std::move(*who);
}

Outcome<void> Access::bind_device(const SignedIn& who) {
  auto device = profile_.device();
  if (!device && device.error() == StoreError::absent) return register_new(who);
  if (!device) return failed(device);
  if (device->user_id != who.user_id) {
    (void)https_->request("DELETE", "/v1/session");
    https_->set_cookie({});
    return failed("other-account", "This profile belongs to another account. Use a profile for each.");
  }
  if (!device->certificate_chain.empty()) return prove_known(*device);
  const auto key = key_of(*device);
  if (!key) return std::unexpected(key.error());
  return finish_registration(std::move(*device), *key);
}

/// The device is on disk before the server hears of it: after a crash its key can be taken up again.
Outcome<void> Access::register_new(const SignedIn& who) {
  const auto key = crypto::SigningKey::generate(kAlgorithm);
  if (!key) return failed("no-device-key", "A device key could not be made.");
  DeviceIdentity device{options_.server,           who.user_id, new_uuid(), key->to_raw(),
                        crypto::random_secret(32), {}};
  if (auto kept = profile_.keep_device(device); !kept) return failed(kept);
  return finish_registration(std::move(device), *key);
}

Outcome<void> Access::finish_registration(DeviceIdentity device, const crypto::SigningKey& key) {
  auto registered = register_device(*https_, device.device_id, options_.device_name, key);
  if (registered) {
    device.certificate_chain = std::move(registered->certificate_chain);
  } else if (registered.error().code == "device-exists") {
    // It was registered before and the answer was lost: what it said can be asked for again.
    auto certificate = prove_device(*https_, device.device_id, key);
    if (!certificate) return failed(certificate);
    const auto service = Api(*https_).delivery_service();
    if (!service) return std::unexpected(service.error());
    device.certificate_chain = {std::move(*certificate), service->device_ca};
  } else {
    return failed(registered);
  }
  if (auto kept = profile_.keep_device(device); !kept) return failed(kept);
  return {};
}

Outcome<void> Access::prove_known(const DeviceIdentity& device) {
  const auto key = key_of(device);
  if (!key) return std::unexpected(key.error());
  const auto proved = prove_device(*https_, device.device_id, *key);
  if (proved) return {};
  if (proved.error().code != "wrong-proof") return failed(proved);
  // A proof that fails does not say why, on purpose: the list of devices does.
  const auto devices = Api(*https_).devices();
  if (!devices) return std::unexpected(devices.error());
  const bool still_there = std::ranges::any_of(
      *devices, [&](const auto& each) { return each.device_id == device.device_id && !each.revoked_at; });
  if (still_there) return failed(proved);
  return failed("device-revoked",
                "This device was revoked. What it kept cannot be opened any more. `device reset` makes this "
                "profile a new device.");
}

Outcome<void> Access::sign_out() {
  const auto ended = https_->request("DELETE", "/v1/session");
  https_->set_cookie({});
  if (auto kept = profile_.keep_session({}); !kept) return failed(kept);
  if (!ended && !Error(ended.error()).is_session_loss()) return failed(ended);
  return {};
}

Outcome<void> Access::reset_device() {
  https_->set_cookie({});
  if (auto erased = profile_.erase(); !erased) return failed(erased);
  return {};
}

}  // namespace wardline::client
