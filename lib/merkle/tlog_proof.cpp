#include "lib/merkle/tlog_proof.h"

#include <charconv>

#include "lib/bytes/text.h"

namespace wardline::merkle {
namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1\n";
constexpr std::size_t kLongestProof = 64;  // hashes: a tree has at most 2^64 leaves

std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<Proof> take_hashes(std::string_view& text) {
  Proof proof;
  for (;;) {
    const auto line = take_line(text);
    if (!line) return std::unexpected(Error::malformed);
    if (line->empty()) return proof;
    const auto bytes = from_base64(*line);
    if (!bytes || proof.size() == kLongestProof) return std::unexpected(Error::malformed);
    const auto hash = hash_from(*bytes);
    if (!hash) return std::unexpected(hash.error());
    proof.push_back(*hash);
  }
}

}  // namespace

std::string format_tlog_proof(const TlogProof& proof) {
  std::string text(kHeader);
  if (proof.extra) text += "extra " + to_base64(*proof.extra) + "\n";
  text += "index " + std::to_string(proof.index) + "\n";
  for (const Hash& hash : proof.proof) text += to_base64(hash) + "\n";
  return text + "\n" + format_note(proof.checkpoint);
}

Result<TlogProof> parse_tlog_proof(std::string_view text) {
  const auto malformed = std::unexpected(Error::malformed);
  const std::string_view whole = text;
  if (text.size() > kLargestNote || !text.starts_with(kHeader)) return malformed;
  text.remove_prefix(kHeader.size());

  TlogProof parsed;
  auto line = take_line(text);
  if (line && line->starts_with("extra ")) {
    parsed.extra = from_base64(line->substr(6));
    if (!parsed.extra) return malformed;
    line = take_line(text);
  }
  if (!line || !line->starts_with("index ")) return malformed;
  const std::string_view number = line->substr(6);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), parsed.index);
  if (error != std::errc() || end != number.data() + number.size()) return malformed;

  auto proof = take_hashes(text);
  if (!proof) return std::unexpected(proof.error());
  parsed.proof = std::move(*proof);
  auto note = parse_note(text);
  if (!note) return std::unexpected(note.error());
  parsed.checkpoint = std::move(*note);
  if (format_tlog_proof(parsed) != whole)
    return malformed;  // An index with leading zeros is a second spelling.
  return parsed;
}

Result<Checkpoint> verify_tlog_proof(const TlogProof& proof, const Hash& leaf, std::string_view origin,
                                     const NoteVerifier& log) {
  const auto checkpoint = open_checkpoint(proof.checkpoint, origin, log);
  if (!checkpoint) return checkpoint;
  const auto included = verify_inclusion(proof.index, checkpoint->size, leaf, proof.proof, checkpoint->root);
  if (!included) return std::unexpected(included.error());
  return checkpoint;
}

}  // namespace wardline::merkle
