// The keys of signed notes in their text forms: verifier keys that are published, signer keys that are kept.
#pragma once

#include <optional>
#include <string>

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/signature.h"
#include "lib/merkle/error.h"

namespace wardline::merkle {

/// Signature type identifiers of C2SP signed-note. Those that are not listed are not supported.
enum class NoteKeyType : std::uint8_t {
  ed25519 = 0x01,      ///< Ed25519 over the text
  cosignature = 0x04,  ///< C2SP tlog-cosignature: Ed25519 over a time and a checkpoint
};

/// The number that a signature line carries: the first four bytes of SHA-256(name || "\n" || type || public
/// key).
std::uint32_t note_key_id(std::string_view name, NoteKeyType type, ByteView public_key);

/// The time in a cosignature, POSIX seconds; `malformed` if it is none. Believe it only after verifying.
Result<std::uint64_t> cosignature_time(ByteView signature);

class NoteVerifier {
 public:
  static Result<NoteVerifier> create(std::string name, NoteKeyType type, ByteView public_key);
  /// "<name>+<key id in hexadecimal>+<base64 of type and key>"; `bad_key` if damaged in any way.
  static Result<NoteVerifier> parse(std::string_view text);
  std::string to_text() const;

  /// `bad_signature` unless this key signed the text (or, for a cosigner, the text at the time inside
  /// `signature`).
  Result<void> verify(std::string_view text, ByteView signature) const;

  const std::string& name() const { return name_; }
  std::uint32_t key_id() const { return key_id_; }
  NoteKeyType type() const { return type_; }

 private:
  NoteVerifier(std::string name, NoteKeyType type, crypto::VerificationKey key);
  std::string name_;
  NoteKeyType type_;
  std::uint32_t key_id_;
  crypto::VerificationKey key_;
};

class NoteSigner {
 public:
  static Result<NoteSigner> generate(std::string name, NoteKeyType type);
  static Result<NoteSigner> create(std::string name, NoteKeyType type, ByteView seed);
  /// "PRIVATE+KEY+<name>+<key id>+<base64 of type and seed>", as the Go note package and its tools write it.
  static Result<NoteSigner> parse(std::string_view text);
  SecretBytes to_text() const;

  /// The signature's bytes. A cosigner signs the time too; for an Ed25519 key it is ignored.
  Result<Bytes> sign(std::string_view text, std::uint64_t cosigned_at) const;
  const NoteVerifier& verifier() const { return verifier_; }

 private:
  NoteSigner(NoteVerifier verifier, crypto::SigningKey key);
  static Result<NoteSigner> from_key(std::string name, NoteKeyType type,
                                     crypto::Result<crypto::SigningKey> key);
  NoteVerifier verifier_;
  crypto::SigningKey key_;
};

}  // namespace wardline::merkle
