// What is wrong with a log: which part of it, and in words that say what to do next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace wardline::auditlog {

struct Finding {
  enum class Part : std::uint8_t {
    key,         ///< log.vkey, or it is not the key that was asked for
    checkpoint,  ///< the signed checkpoint; `line` counts from 1
    entry,       ///< an entry is not what was signed; `entry` counts from 0
    bundle,      ///< a file of entries that is absent, or longer or shorter than its entries
    tile,        ///< a file of hashes does not follow from the entries
    beyond,      ///< a file of entries or hashes that nothing signed covers; `entry` is the first such one
    stray,       ///< a file that is no part of the log
    row,         ///< the database holds something else than the log
    earlier,     ///< the log is no continuation of a checkpoint that the auditor kept
    unreadable,  ///< the system does not give a file out: nothing is said about the log
  };

  Part part;
  std::string path = {};                    ///< the file, below the log's folder
  std::optional<std::uint64_t> line = {};   ///< of the checkpoint
  std::optional<std::uint64_t> entry = {};  ///< the first entry that is affected
  std::string entry_id = {};                ///< its id as the file has it, if it is legible
  std::string problem = {};                 ///< a sentence

  bool operator==(const Finding&) const = default;
};

/// "entry 17 (id 0191…) in tile/entries/000.p/88: …"
std::string to_text(const Finding& finding);

}  // namespace wardline::auditlog
