// Second factors as rows: passkeys and security keys, and authenticator apps whose secrets are sealed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/identity/environment.h"
#include "server/identity/webauthn.h"

namespace wardline::identity {

using FactorId = core::Id<struct FactorTag>;

enum class FactorKind : std::uint8_t { webauthn, totp };
std::string_view name_of(FactorKind kind);

struct Factor {
  FactorId id;
  FactorKind kind = FactorKind::webauthn;
  std::string name;
  core::Time created_at;
  std::optional<core::Time> last_used_at;
};

struct TotpFactor {
  FactorId id;
  SecretBytes secret;
  std::int64_t last_step = 0;
};

struct WebAuthnFactor {
  FactorId id;
  webauthn::Credential credential;
};

class FactorStore {
 public:
  explicit FactorStore(storage::KeyRing& keys);

  FactorId insert(storage::Transaction& tx, core::UserId user, std::string_view name, ByteView totp_secret,
                  std::int64_t step, core::Time now) const;
  /// Throws StorageFailure `already_exists` for a credential id that anybody has (WebAuthn §7.1 step 22).
  FactorId insert(storage::Transaction& tx, core::UserId user, std::string_view name,
                  const webauthn::Credential& credential, core::Time now) const;

  core::Result<std::vector<Factor>> list(storage::ReadTransaction& tx, core::UserId user) const;
  std::vector<Bytes> credential_ids(storage::ReadTransaction& tx, core::UserId user) const;
  bool is_credential_known(storage::ReadTransaction& tx, ByteView credential_id) const;
  core::Result<std::optional<TotpFactor>> totp(storage::ReadTransaction& tx, core::UserId user) const;
  std::optional<WebAuthnFactor> webauthn(storage::ReadTransaction& tx, core::UserId user,
                                         ByteView credential_id) const;

  void used_totp(storage::Transaction& tx, FactorId id, std::int64_t totp_step, core::Time now) const;
  void used_webauthn(storage::Transaction& tx, FactorId id, std::uint32_t sign_count, core::Time now) const;
  /// False if this person has no such factor.
  bool remove(storage::Transaction& tx, core::UserId user, FactorId id) const;
  void remove_all(storage::Transaction& tx, core::UserId user) const;

 private:
  storage::SealedColumn name_;
  storage::SealedColumn totp_secret_;
};

}  // namespace wardline::identity
