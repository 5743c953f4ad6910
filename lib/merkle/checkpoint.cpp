#include "lib/merkle/checkpoint.h"

#include <charconv>

#include "lib/bytes/text.h"

namespace wardline::merkle {
namespace {

/// Takes the next line off `text`, which ends in a newline. Empty lines are not allowed in a checkpoint.
Result<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || end == 0) return std::unexpected(Error::malformed);
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string format_checkpoint(const Checkpoint& checkpoint) {
  std::string body =
      checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(checkpoint.root) + "\n";
  for (const std::string& line : checkpoint.extension) body += line + "\n";
  return body;
}

Result<Checkpoint> parse_checkpoint(std::string_view body) {
  const std::string_view whole = body;
  const auto origin = take_line(body);
  if (!origin) return std::unexpected(origin.error());
  const auto size = take_line(body);
  if (!size) return std::unexpected(size.error());
  const auto root = take_line(body);
  if (!root) return std::unexpected(root.error());

  Checkpoint checkpoint;
  checkpoint.origin = *origin;
  const auto [end, error] = std::from_chars(size->data(), size->data() + size->size(), checkpoint.size);
  if (error != std::errc() || end != size->data() + size->size()) return std::unexpected(Error::malformed);
  const auto root_bytes = from_base64(*root);
  if (!root_bytes) return std::unexpected(Error::malformed);
  const auto hash = hash_from(*root_bytes);
  if (!hash) return std::unexpected(hash.error());
  checkpoint.root = *hash;
  while (!body.empty()) {
    const auto line = take_line(body);
    if (!line) return std::unexpected(line.error());
    checkpoint.extension.emplace_back(*line);
  }
  // A size with leading zeros is a second spelling.
  if (format_checkpoint(checkpoint) != whole) return std::unexpected(Error::malformed);
  return checkpoint;
}

Result<Note> sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& log) {
  Note note;
  note.text = format_checkpoint(checkpoint);
  if (!parse_checkpoint(note.text)) return std::unexpected(Error::malformed);
  auto signature = sign_note(note.text, log);
  if (!signature) return std::unexpected(signature.error());
  note.signatures.push_back(std::move(*signature));
  return note;
}

Result<Checkpoint> open_checkpoint(const Note& note, std::string_view origin, const NoteVerifier& log) {
  if (const auto signers = verify_note(note, {&log, 1}); !signers) return std::unexpected(signers.error());
  auto checkpoint = parse_checkpoint(note.text);
  if (!checkpoint) return checkpoint;
  if (checkpoint->origin != origin) return std::unexpected(Error::unknown_key);
  return checkpoint;
}

}  // namespace wardline::merkle
