// C2SP tlog-checkpoint: what a log signs about its size and root.
#pragma once

#include <string>

#include "lib/merkle/note.h"
#include "lib/merkle/tree.h"

namespace wardline::merkle {

struct Checkpoint {
  std::string origin;      ///< which log: unique, without a scheme, "example.com/log42"
  std::uint64_t size = 0;  ///< number of leaves
  Hash root{};
  std::vector<std::string> extension;  ///< further lines, opaque

  bool operator==(const Checkpoint&) const = default;
};

/// The body, which is the text of a signed note.
std::string format_checkpoint(const Checkpoint& checkpoint);
/// Accepts exactly what `format_checkpoint` writes.
Result<Checkpoint> parse_checkpoint(std::string_view body);

/// The checkpoint as a note with the log's signature.
Result<Note> sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& log);

/// Parses a checkpoint note and verifies that the log signed it: that `log` is the key and `origin` the
/// origin line.
Result<Checkpoint> open_checkpoint(const Note& note, std::string_view origin, const NoteVerifier& log);

}  // namespace wardline::merkle
