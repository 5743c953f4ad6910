#include "lib/auditlog/checkpoint_file.h"

#include "lib/auditlog/files.h"
#include "lib/bytes/text.h"

namespace wardline::auditlog {
namespace {

constexpr std::size_t kFirstSignature = 5;

std::unexpected<Finding> bad_line(std::uint64_t line, std::string problem) {
  return std::unexpected(Finding{.part = Finding::Part::checkpoint,
                                 .path = std::string(kCheckpointFile),
                                 .line = line,
                                 .problem = std::move(problem)});
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// Whether a checkpoint with this line in the place of a good one is well-formed.
bool fits(const std::string& origin, std::string_view size, std::string_view root) {
  return merkle::parse_checkpoint(origin + "\n" + std::string(size) + "\n" + std::string(root) + "\n")
      .has_value();
}

std::expected<void, Finding> check_body(const std::vector<std::string_view>& lines,
                                        const std::string& origin) {
  const std::string root = to_base64(merkle::Hash{});
  const auto line = [&](std::size_t number) {
    return number <= lines.size() ? lines[number - 1] : std::string_view();
  };
  if (line(1) != origin)
    return bad_line(1, "the origin is not \"" + origin + "\", the name of the log's key");
  if (!fits(origin, line(2), root)) return bad_line(2, "not a number of entries");
  if (!fits(origin, "0", line(3))) return bad_line(3, "not the base64 form of a 32-byte root hash");
  if (lines.size() < 4 || !line(4).empty())
    return bad_line(4, "this line has to be empty: signatures follow it");
  if (lines.size() < kFirstSignature) return bad_line(kFirstSignature, "the log's signature is missing");
  return {};
}

bool made_by(const merkle::NoteSignature& signature, const merkle::NoteVerifier& key) {
  return signature.name == key.name() && signature.key_id == key.key_id();
}

/// One signature line: whether its signature is good.
std::expected<bool, Finding> check_signature(std::string_view line, std::uint64_t number,
                                             const std::string& text, const Trust& trust) {
  const auto note = merkle::parse_note(text + "\n" + std::string(line) + "\n");
  if (!note || note->signatures.size() != 1) return bad_line(number, "not a signature line");
  const merkle::NoteSignature& signature = note->signatures[0];
  if (number == kFirstSignature) {
    if (!made_by(signature, trust.log)) return bad_line(number, "not a signature by the log's key");
    return trust.log.verify(text, signature.signature).has_value();
  }
  for (const merkle::NoteVerifier& witness : trust.witnesses) {
    if (!made_by(signature, witness)) continue;
    if (!witness.verify(text, signature.signature))
      return bad_line(number, "a cosignature that does not verify");
    return true;
  }
  return bad_line(
      number,
      "a signature by a key that was not given; name the witness's key, or take the line for an addition");
}

}  // namespace

std::expected<OpenedCheckpoint, Finding> open_checkpoint_file(std::string_view text, const Trust& trust) {
  const std::vector<std::string_view> lines = lines_of(text);
  if (auto body = check_body(lines, trust.log.name()); !body) return std::unexpected(body.error());
  if (!text.ends_with('\n')) return bad_line(lines.size(), "the line does not end in a newline");

  OpenedCheckpoint opened;
  const std::string signed_text =
      std::string(lines[0]) + "\n" + std::string(lines[1]) + "\n" + std::string(lines[2]) + "\n";
  const auto checkpoint = merkle::parse_checkpoint(signed_text);
  if (!checkpoint) return bad_line(1, "not a checkpoint");
  opened.checkpoint = *checkpoint;
  for (std::size_t number = kFirstSignature; number <= lines.size(); ++number) {
    const auto good = check_signature(lines[number - 1], number, signed_text, trust);
    if (!good) return std::unexpected(good.error());
    if (number == kFirstSignature) {
      opened.signed_by_log = *good;
    } else {
      ++opened.cosignatures;
    }
  }
  return opened;
}

}  // namespace wardline::auditlog
