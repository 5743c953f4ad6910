#include "lib/merkle/note.h"

#include "lib/bytes/text.h"

namespace wardline::merkle {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // em dash, space

/// Takes the next code point off `text`; nothing for what is not UTF-8 (RFC 3629 §4: no overlong forms,
/// surrogates or values above U+10FFFF).
std::optional<char32_t> next_code_point(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text[0]);
  const std::size_t size = lead < 0x80            ? 1
                           : lead >> 5 == 0b110   ? 2
                           : lead >> 4 == 0b1110  ? 3
                           : lead >> 3 == 0b11110 ? 4
                                                  : 0;
  if (size == 0 || text.size() < size) return std::nullopt;
  char32_t point = size == 1 ? lead : lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte >> 6 != 0b10) return std::nullopt;
    point = point << 6 | (byte & 0x3fu);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kSmallest[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
    return std::nullopt;
  text.remove_prefix(size);
  return point;
}

/// Unicode's White_Space property.
bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

/// C2SP signed-note, Format: valid UTF-8 without control characters below U+0020, except newline.
bool is_note_text(std::string_view text) {
  while (!text.empty()) {
    const auto point = next_code_point(text);
    if (!point || (*point < 0x20 && *point != '\n')) return false;
  }
  return true;
}

Result<NoteSignature> parse_signature_line(std::string_view line) {
  const auto malformed = std::unexpected(Error::malformed);
  if (!line.starts_with(kDash)) return malformed;
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return malformed;
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() < 5) return malformed;  // Four bytes of key id and at least one of signature.
  NoteSignature signature;
  signature.name = line.substr(0, space);
  for (std::size_t i = 0; i < 4; ++i) signature.key_id = signature.key_id << 8 | (*bytes)[i];
  signature.signature.assign(bytes->begin() + 4, bytes->end());
  return signature;
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const auto point = next_code_point(name);
    if (!point || *point < 0x20 || *point == '+' || is_space(*point)) return false;
  }
  return true;
}

Result<Note> parse_note(std::string_view note) {
  const auto malformed = std::unexpected(Error::malformed);
  if (note.size() > kLargestNote || !note.ends_with('\n') || !is_note_text(note)) return malformed;
  // The text may hold empty lines: the last one separates it from the signatures.
  const std::size_t gap = note.rfind("\n\n");
  if (gap == std::string_view::npos) return malformed;
  Note parsed;
  parsed.text = note.substr(0, gap + 1);
  std::string_view lines = note.substr(gap + 2);
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    auto signature = parse_signature_line(lines.substr(0, end));
    if (!signature || parsed.signatures.size() == kMostSignatures) return malformed;
    parsed.signatures.push_back(std::move(*signature));
    lines.remove_prefix(end + 1);
  }
  if (parsed.signatures.empty()) return malformed;
  return parsed;
}

std::string format_signature_line(const NoteSignature& signature) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(signature.key_id >> shift));
  append(bytes, signature.signature);
  return std::string(kDash) + signature.name + " " + to_base64(bytes) + "\n";
}

std::string format_note(const Note& note) {
  std::string text = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) text += format_signature_line(signature);
  return text;
}

Result<NoteSignature> sign_note(const std::string& text, const NoteSigner& key, std::uint64_t cosigned_at) {
  if (!text.ends_with('\n') || !is_note_text(text)) return std::unexpected(Error::malformed);
  auto signature = key.sign(text, cosigned_at);
  if (!signature) return std::unexpected(signature.error());
  return NoteSignature{key.verifier().name(), key.verifier().key_id(), std::move(*signature)};
}

Result<std::vector<std::size_t>> verify_note(const Note& note, std::span<const NoteVerifier> keys) {
  std::vector<std::size_t> valid;
  for (const NoteSignature& signature : note.signatures) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].name() != signature.name || keys[i].key_id() != signature.key_id) continue;
      if (!keys[i].verify(note.text, signature.signature)) return std::unexpected(Error::bad_signature);
      valid.push_back(i);
      break;
    }
  }
  if (valid.empty()) return std::unexpected(Error::unknown_key);
  return valid;
}

}  // namespace wardline::merkle
