#include "lib/merkle/note_key.h"

#include <limits>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "lib/merkle/note.h"

namespace wardline::merkle {
namespace {

constexpr std::string_view kSignerPrefix = "PRIVATE+KEY+";
constexpr std::size_t kKeySize = 32;        // bytes of an Ed25519 public key and of its seed
constexpr std::size_t kSignatureSize = 64;  // bytes of an Ed25519 signature
constexpr std::size_t kTimeSize = 8;

std::string id_text(std::uint32_t id) {
  const std::array<std::uint8_t, 4> bytes = {
      static_cast<std::uint8_t>(id >> 24), static_cast<std::uint8_t>(id >> 16),
      static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
  return to_hex(bytes);
}

/// What stands in a key's text after its prefix: name, id, and the bytes behind the type.
struct KeyText {
  std::string_view name;
  std::string_view id;
  NoteKeyType type;
  SecretBytes key;
};

Result<KeyText> split_key(std::string_view text) {
  const std::size_t first = text.find('+');
  if (first == std::string_view::npos) return std::unexpected(Error::bad_key);
  // Base64 may hold a plus too: only the first two separate.
  const std::size_t second = text.find('+', first + 1);
  if (second == std::string_view::npos) return std::unexpected(Error::bad_key);
  auto decoded = from_base64(text.substr(second + 1));
  if (!decoded || decoded->size() != 1 + kKeySize) return std::unexpected(Error::bad_key);
  const SecretBytes bytes(std::move(*decoded));
  const auto type = static_cast<NoteKeyType>(bytes.view()[0]);
  if (type != NoteKeyType::ed25519 && type != NoteKeyType::cosignature)
    return std::unexpected(Error::bad_key);
  return KeyText{text.substr(0, first), text.substr(first + 1, second - first - 1), type,
                 SecretBytes(bytes.view().subspan(1))};
}

std::string join_key(std::string_view name, std::uint32_t id, NoteKeyType type, ByteView key) {
  SecretBytes bytes(1 + key.size());
  bytes.writable()[0] = static_cast<std::uint8_t>(type);
  std::ranges::copy(key, bytes.writable().begin() + 1);
  return std::string(name) + "+" + id_text(id) + "+" + to_base64(bytes.view());
}

/// What a cosigner signs, C2SP tlog-cosignature: a header, the time, and the checkpoint's body.
std::string cosigned_message(std::string_view text, std::uint64_t time) {
  return "cosignature/v1\ntime " + std::to_string(time) + "\n" + std::string(text);
}

}  // namespace

std::uint32_t note_key_id(std::string_view name, NoteKeyType type, ByteView public_key) {
  const std::array<std::uint8_t, 2> middle = {'\n', static_cast<std::uint8_t>(type)};
  const Bytes digest = crypto::hash(crypto::HashAlgorithm::sha256, {as_bytes(name), middle, public_key});
  return std::uint32_t{digest[0]} << 24 | std::uint32_t{digest[1]} << 16 | std::uint32_t{digest[2]} << 8 |
         digest[3];
}

Result<std::uint64_t> cosignature_time(ByteView signature) {
  if (signature.size() != kTimeSize + kSignatureSize) return std::unexpected(Error::malformed);
  std::uint64_t time = 0;
  for (const std::uint8_t byte : signature.first(kTimeSize)) time = time << 8 | byte;
  // C2SP tlog-cosignature, Format: the time must not exceed 2^63 - 1.
  if (time > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::unexpected(Error::malformed);
  return time;
}

NoteVerifier::NoteVerifier(std::string name, NoteKeyType type, crypto::VerificationKey key)
    : name_(std::move(name)),
      type_(type),
      key_id_(note_key_id(name_, type, key.raw())),
      key_(std::move(key)) {}

Result<NoteVerifier> NoteVerifier::create(std::string name, NoteKeyType type, ByteView public_key) {
  if (!is_key_name(name) || public_key.size() != kKeySize) return std::unexpected(Error::bad_key);
  auto key = crypto::VerificationKey::from_raw(crypto::SignatureAlgorithm::ed25519, public_key);
  if (!key) return std::unexpected(Error::bad_key);
  return NoteVerifier(std::move(name), type, std::move(*key));
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
  const auto parts = split_key(text);
  if (!parts) return std::unexpected(parts.error());
  auto verifier = create(std::string(parts->name), parts->type, parts->key.view());
  if (!verifier || id_text(verifier->key_id_) != parts->id) return std::unexpected(Error::bad_key);
  return verifier;
}

std::string NoteVerifier::to_text() const { return join_key(name_, key_id_, type_, key_.raw()); }

Result<void> NoteVerifier::verify(std::string_view text, ByteView signature) const {
  std::string message(text);
  if (type_ == NoteKeyType::cosignature) {
    const auto time = cosignature_time(signature);
    if (!time) return std::unexpected(Error::bad_signature);
    message = cosigned_message(text, *time);
    signature = signature.subspan(kTimeSize);
  }
  if (signature.size() != kSignatureSize || !key_.verify(as_bytes(message), signature)) {
    return std::unexpected(Error::bad_signature);
  }
  return {};
}

NoteSigner::NoteSigner(NoteVerifier verifier, crypto::SigningKey key)
    : verifier_(std::move(verifier)), key_(std::move(key)) {}

Result<NoteSigner> NoteSigner::from_key(std::string name, NoteKeyType type,
                                        crypto::Result<crypto::SigningKey> key) {
  if (!key) return std::unexpected(Error::bad_key);
  auto verifier = NoteVerifier::create(std::move(name), type, key->public_key());
  if (!verifier) return std::unexpected(verifier.error());
  return NoteSigner(std::move(*verifier), std::move(*key));
}

Result<NoteSigner> NoteSigner::generate(std::string name, NoteKeyType type) {
  return from_key(std::move(name), type, crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519));
}

Result<NoteSigner> NoteSigner::create(std::string name, NoteKeyType type, ByteView seed) {
  if (seed.size() != kKeySize) return std::unexpected(Error::bad_key);
  return from_key(std::move(name), type,
                  crypto::SigningKey::from_raw(crypto::SignatureAlgorithm::ed25519, seed));
}

Result<NoteSigner> NoteSigner::parse(std::string_view text) {
  if (!text.starts_with(kSignerPrefix)) return std::unexpected(Error::bad_key);
  const auto parts = split_key(text.substr(kSignerPrefix.size()));
  if (!parts) return std::unexpected(parts.error());
  auto signer = create(std::string(parts->name), parts->type, parts->key.view());
  if (!signer || id_text(signer->verifier_.key_id()) != parts->id) return std::unexpected(Error::bad_key);
  return signer;
}

SecretBytes NoteSigner::to_text() const {
  std::string text = std::string(kSignerPrefix) +
                     join_key(verifier_.name(), verifier_.key_id(), verifier_.type(), key_.to_raw().view());
  SecretBytes secret(as_bytes(text));
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return secret;
}

Result<Bytes> NoteSigner::sign(std::string_view text, std::uint64_t cosigned_at) const {
  Bytes signature;
  std::string message(text);
  if (verifier_.type() == NoteKeyType::cosignature) {
    message = cosigned_message(text, cosigned_at);
    for (int shift = 56; shift >= 0; shift -= 8)
      signature.push_back(static_cast<std::uint8_t>(cosigned_at >> shift));
  }
  const auto made = key_.sign(as_bytes(message));
  if (!made) return std::unexpected(Error::bad_key);
  append(signature, *made);
  return signature;
}

}  // namespace wardline::merkle
