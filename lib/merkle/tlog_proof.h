// C2SP tlog-proof: a receipt that shows, off line and by itself, that an entry is in a log.
#pragma once

#include "lib/merkle/checkpoint.h"
#include "lib/merkle/proof.h"

namespace wardline::merkle {

struct TlogProof {
  std::optional<Bytes> extra;  ///< context for the reader; not authenticated by the format
  std::uint64_t index = 0;
  Proof proof;
  Note checkpoint;

  bool operator==(const TlogProof&) const = default;
};

std::string format_tlog_proof(const TlogProof& proof);
/// Accepts exactly what `format_tlog_proof` writes.
Result<TlogProof> parse_tlog_proof(std::string_view text);

/// That the entry with this leaf hash is in the log; gives the checkpoint that says so. Cosignatures are the
/// caller's policy: `verify_note(proof.checkpoint, witnesses)`.
Result<Checkpoint> verify_tlog_proof(const TlogProof& proof, const Hash& leaf, std::string_view origin,
                                     const NoteVerifier& log);

}  // namespace wardline::merkle
