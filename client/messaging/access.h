// A profile's way to its server: the connection, the session, and the device that it is bound to.
#pragma once

#include <functional>

#include "client/account/sign_in.h"
#include "client/messaging/error.h"
#include "client/net/tls_trust.h"
#include "client/store/profile.h"

namespace wardline::client {

struct AccessOptions {
  std::filesystem::path profile;
  /// "https://host:port"; needed the first time, remembered after.
  std::string server = {};
  /// PEM of the authority to believe instead of the system's; remembered after the first time.
  std::filesystem::path server_certificate = {};
  std::string device_name = "Command line";
};

/// What a person, or whatever keeps a bot's secrets, is asked for when it is needed.
struct Secrets {
  std::string username;
  std::function<Outcome<SecretBytes>()> password;
  std::function<Outcome<SecretBytes>()> one_time_code;
  /// Codes are computed, by a program: one that has been used (a code works once) is waited out, half a
  /// minute.
  bool waits_for_next_code = false;
  /// For the first sign-in of an account: the code that the organisation handed over.
  std::function<Outcome<SecretBytes>()> activation_code = nullptr;
  /// Called with a new second factor, before a code made from it is asked for. To be kept by the person.
  std::function<Outcome<void>(const OneTimeSecret&)> keep_one_time_secret = nullptr;
};

class Access {
 public:
  ~Access();

  /// Opens the profile and locks it. Talks to nobody yet.
  static Outcome<std::unique_ptr<Access>> open(AccessOptions options);

  /// Signs in, enrolling a second factor where the account has none, and proves or registers this device.
  /// `device-revoked` if the organisation does not admit it any more.
  Outcome<SignedIn> sign_in(const Secrets& secrets);
  /// From now on a session that has ended is renewed with these, without anybody being asked twice in a row.
  void renew_with(Secrets secrets) { renewal_ = std::move(secrets); }
  bool can_renew() const { return renewal_.has_value(); }
  Outcome<void> renew();

  /// Ends the session. The device stays registered, its state sealed.
  Outcome<void> sign_out();
  /// Forgets the device and its state: the next sign-in registers a new one.
  Outcome<void> reset_device();

  HttpsClient& https() { return *https_; }
  boost::asio::ssl::context& tls() { return *tls_; }
  Profile& profile() { return profile_; }

 private:
  Access(Profile profile, AccessOptions options, ServerUrl url,
         std::unique_ptr<boost::asio::ssl::context> tls);
  Outcome<SignedIn> pass_factors(const Secrets& secrets);
  Outcome<SignedIn> enrol_factor(SignIn& sign_in, const Secrets& secrets);
  Outcome<void> bind_device(const SignedIn& who);
  Outcome<void> register_new(const SignedIn& who);
  Outcome<void> finish_registration(DeviceIdentity device, const crypto::SigningKey& key);
  Outcome<void> prove_known(const DeviceIdentity& device);

  Profile profile_;
  AccessOptions options_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  std::unique_ptr<HttpsClient> https_;
  std::optional<Secrets> renewal_;
};

}  // namespace wardline::client
