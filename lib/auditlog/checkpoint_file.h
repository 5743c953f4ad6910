// The checkpoint file read strictly: what each of its lines has to be, so that the first wrong one can be
// named.
#pragma once

#include <span>

#include "lib/auditlog/finding.h"
#include "lib/merkle/checkpoint.h"

namespace wardline::auditlog {

/// Whom an auditor trusts: the log's key, whose name is the log's origin, and witnesses whose cosignatures
/// may stand below.
struct Trust {
  merkle::NoteVerifier log;
  std::vector<merkle::NoteVerifier> witnesses = {};
};

struct OpenedCheckpoint {
  merkle::Checkpoint checkpoint;
  /// False: the lines are well-formed and the log's signature is not one over them. Which line is wrong shows
  /// only when size and root are compared with the entries.
  bool signed_by_log = false;
  unsigned cosignatures = 0;
};

/// Line 1 the origin, 2 the size, 3 the root, 4 empty, 5 the log's signature, then cosignatures of known
/// witnesses; nothing else. C2SP clients ignore signatures that they do not know; here each has to be known,
/// so that no byte goes unchecked.
std::expected<OpenedCheckpoint, Finding> open_checkpoint_file(std::string_view text, const Trust& trust);

}  // namespace wardline::auditlog
