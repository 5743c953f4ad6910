// Identity on a database of its own, with people in it who can sign in: what tests of identity and of
// everything above need.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/audit/entry.h"
#include "server/identity/identity.h"
#include "server/storage/keys/file_kms.h"
#include "tests/hospital/soft_authenticator.h"
#include "tests/support/test_database.h"

namespace wardline::hospital {

inline constexpr char kPassword[] = "correct horse battery staple";

/// An address in the hospital (10.0.0.x).
identity::RemoteAddress ward(std::uint8_t last = 1);

/// A device key, as a browser keeps it.
class SoftDevice {
 public:
  SoftDevice();
  core::DeviceId id() const { return id_; }
  identity::NewDevice registration() const;
  identity::KeyProof prove(ByteView challenge) const;
  const crypto::SigningKey& key() const { return key_; }

 private:
  core::DeviceId id_ = core::new_id<core::DeviceId>();
  crypto::SigningKey key_;
};

class IdentityHarness {
 public:
  /// `more`: the migrations of modules above identity.
  explicit IdentityHarness(storage::Engine engine, std::vector<storage::Migration> more = {});

  struct Somebody {
    core::UserId id;
    std::string username;
    std::string activation_code;
    Bytes totp_secret;  ///< once enrolled
  };
  /// An account with the password kPassword and no factor yet.
  Somebody add(std::string_view username, policy::Role role = policy::Role::clinician,
               std::string_view name = "");

  /// Password and the authenticator app, which is enrolled the first time. Moves the clock to a fresh code.
  /// Throws std::runtime_error with the error's code if it is refused.
  identity::StartedSession sign_in(Somebody& who, const identity::RemoteAddress& from = ward());
  /// The session at a new device of that person.
  identity::StartedSession at_device(Somebody& who, const SoftDevice& device,
                                     const identity::RemoteAddress& from = ward());
  identity::StartedSession at_new_device(Somebody& who);

  static identity::Requester requester(const identity::Session& session,
                                       const identity::RemoteAddress& from = ward());

  identity::SignIn::Begun begin(std::string_view username, const identity::RemoteAddress& from = ward());
  std::string code_for(const Somebody& who) const;
  /// The next code that was not used.
  void next_code() { clock.advance(std::chrono::seconds(30)); }

  /// Every audit entry so far, in order.
  std::vector<audit::Entry> audit_log();
  std::size_t count_entries(audit::Act act, audit::Outcome outcome);

  template <class Work>
  auto write(Work&& work) {
    return database->write(std::forward<Work>(work));
  }

  core::ManualClock clock{{1'760'000'000'000'000}};
  support::TemporaryDirectory directory;
  std::unique_ptr<storage::FileKms> kms;
  storage::KeyRing keys;
  support::TestDatabase database;
  identity::Environment environment;
  std::unique_ptr<identity::Identity> identity;
};

/// The value, or std::runtime_error with the code of the error.
template <class T>
T must(core::Result<T> result) {
  if (!result) throw std::runtime_error(std::string(result.error().code));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace wardline::hospital
