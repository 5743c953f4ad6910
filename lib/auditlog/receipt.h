// Receipts: that one entry is in the log, to be checked off line, without the log (C2SP tlog-proof).
#pragma once

#include "lib/auditlog/files.h"
#include "lib/auditlog/verify.h"
#include "lib/merkle/tlog_proof.h"

namespace wardline::auditlog {

/// The number of the entry with this id, by reading the log from its start; nothing if there is none, or if a
/// bundle before it cannot be read.
std::optional<std::uint64_t> find_entry(LogFiles& files, const Trust& trust, std::string_view id);

/// A receipt for the entry, with the entry itself in its `extra` line. It has been verified before it is
/// given out. Findings: the checkpoint or the tiles on the way are damaged, or (part `entry`) there is no
/// such entry.
std::expected<std::string, Finding> make_receipt(LogFiles& files, const Trust& trust, std::uint64_t entry);

struct VerifiedReceipt {
  std::uint64_t entry = 0;
  std::string text;  ///< the entry
  merkle::Checkpoint checkpoint;
  unsigned cosignatures = 0;  ///< by the witnesses in `trust`; each of them has signed
};

/// Verifies a receipt: its entry, its place, the log's signature and those of all witnesses in `trust`.
/// Findings have the path "the receipt".
std::expected<VerifiedReceipt, Finding> verify_receipt(std::string_view receipt, const Trust& trust);

}  // namespace wardline::auditlog
