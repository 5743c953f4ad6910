#include "tests/hospital/identity_harness.h"

#include "server/audit/migrations.h"
#include "server/identity/migrations.h"
#include "server/identity/totp.h"
#include "server/storage/migrations.h"

namespace wardline::hospital {
namespace {

std::vector<storage::Migration> all_migrations(const std::vector<storage::Migration>& more) {
  return storage::gather({storage::migrations(), audit::migrations(), identity::migrations(), more});
}

identity::Options options() {
  identity::Options options;
  options.organisation = "St. Mary";
  options.relying_party = {.id = "localhost", .name = "Wardline", .origins = {"https://localhost:8443"}};
  options.password = {.memory_kib = 64, .passes = 1, .pbkdf2_iterations = 1000};
  return options;
}

Bytes from_base32(std::string_view text) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  Bytes bytes;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    pending = pending << 5 | static_cast<std::uint32_t>(kAlphabet.find(c));
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(pending >> bits));
    }
  }
  return bytes;
}

}  // namespace

identity::RemoteAddress ward(std::uint8_t last) { return {Bytes{10, 0, 0, last}}; }

SoftDevice::SoftDevice()
    : key_(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ecdsa_p256_sha256).value()) {}

identity::NewDevice SoftDevice::registration() const {
  return {.id = id_, .name = "Ward PC", .signature_key = key_.public_key()};
}

identity::KeyProof SoftDevice::prove(ByteView challenge) const {
  const Bytes message = concat(as_bytes("wardline device session v1"), Bytes{0}, challenge);
  return {.challenge = to_bytes(challenge), .signature = key_.sign(message).value()};
}

IdentityHarness::IdentityHarness(storage::Engine engine, std::vector<storage::Migration> more)
    : kms(must(storage::FileKms::create(directory.path() / "kms.key"))),
      keys(*kms, clock),
      database(engine, all_migrations(more)),
      environment{*database, keys, clock, policy::built_in_policy()},
      identity(must(identity::Identity::create(environment, options()))) {}

IdentityHarness::Somebody IdentityHarness::add(std::string_view username, policy::Role role,
                                               std::string_view name) {
  const auto hash = must(identity->hasher().hash(as_bytes(kPassword)));
  const auto created = must(write([&](storage::Transaction& tx) -> core::Result<identity::Accounts::Created> {
    return identity->accounts().create(tx, identity::ChangeAuthor::system(),
                                       {.username = std::string(username),
                                        .name = std::string(name.empty() ? username : name),
                                        .role = role,
                                        .employment = policy::Employment::staff,
                                        .password_hash = hash});
  }));
  return {created.id, std::string(username), created.activation_code, {}};
}

identity::SignIn::Begun IdentityHarness::begin(std::string_view username,
                                               const identity::RemoteAddress& from) {
  return must(identity->sign_in().password(username, SecretBytes(as_bytes(kPassword)), from));
}

std::string IdentityHarness::code_for(const Somebody& who) const {
  return identity::totp_code(who.totp_secret, identity::totp_step(clock.now()));
}

identity::StartedSession IdentityHarness::sign_in(Somebody& who, const identity::RemoteAddress& from) {
  const auto begun = begin(who.username, from);
  auto& sign_in = identity->sign_in();
  if (begun.enrol) {
    const auto offer = must(sign_in.begin_totp(begun.sign_in_id, who.activation_code, from));
    who.totp_secret = from_base32(offer.secret_text);
    return must(sign_in.enrol_totp(begun.sign_in_id, code_for(who), from));
  }
  next_code();
  return must(sign_in.totp(begun.sign_in_id, code_for(who), from));
}

identity::Requester IdentityHarness::requester(const identity::Session& session,
                                               const identity::RemoteAddress& from) {
  return {session.subject(), from};
}

identity::StartedSession IdentityHarness::at_device(Somebody& who, const SoftDevice& device,
                                                    const identity::RemoteAddress& from) {
  const auto signed_in = sign_in(who, from);
  const auto asker = requester(signed_in.session, from);
  const auto challenge = must(identity->sessions().new_challenge(asker));
  return must(identity->devices().enrol(asker, device.registration(), device.prove(challenge))).session;
}

identity::StartedSession IdentityHarness::at_new_device(Somebody& who) {
  return at_device(who, SoftDevice());
}

std::vector<audit::Entry> IdentityHarness::audit_log() {
  return must(database->read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<audit::Entry>> {
    std::vector<audit::Entry> entries;
    const auto rows = tx.query("SELECT entry FROM audit_entries ORDER BY position");
    for (const auto row : rows) entries.push_back(audit::decode(row.text_view(0)).value());
    return entries;
  }));
}

std::size_t IdentityHarness::count_entries(audit::Act act, audit::Outcome outcome) {
  return static_cast<std::size_t>(std::ranges::count_if(
      audit_log(), [&](const audit::Entry& entry) { return entry.act == act && entry.outcome == outcome; }));
}

}  // namespace wardline::hospital
