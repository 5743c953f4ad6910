// C2SP signed notes: a text and the lines of those who signed it.
#pragma once

#include <span>
#include <string>

#include "lib/merkle/note_key.h"

namespace wardline::merkle {

/// Limits against hostile input: far above what the specification asks verifiers to accept.
inline constexpr std::size_t kLargestNote = 1 << 20;
inline constexpr std::size_t kMostSignatures = 100;

/// One line "— name base64(key id || signature)".
struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes signature;

  bool operator==(const NoteSignature&) const = default;
};

/// A text, which ends in a newline, and its signatures. Nothing in it is to be believed before `verify_note`.
struct Note {
  std::string text;
  std::vector<NoteSignature> signatures;

  bool operator==(const Note&) const = default;
};

/// `malformed` for anything that `format_note` would not write back byte by byte.
Result<Note> parse_note(std::string_view note);
std::string format_note(const Note& note);
std::string format_signature_line(const NoteSignature& signature);

/// Signs `text` with `key`; with a cosignature key, at this time in POSIX seconds.
Result<NoteSignature> sign_note(const std::string& text, const NoteSigner& key,
                                std::uint64_t cosigned_at = 0);

/// Which of the note's signatures are by one of these keys, as indices into `keys`, one per valid signature.
/// `bad_signature` if one claims to be and is not; `unknown_key` if there is none. Others are ignored, as the
/// specification asks.
Result<std::vector<std::size_t>> verify_note(const Note& note, std::span<const NoteVerifier> keys);

/// Whether a key may have this name: not empty, UTF-8, without spaces, control characters or '+'.
bool is_key_name(std::string_view name);

}  // namespace wardline::merkle
