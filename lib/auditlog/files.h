// The files of an audit log, and whoever can read them: a folder, an object store, or memory.
//
//   checkpoint          the signed size and root (C2SP tlog-checkpoint), then cosignatures
//   log.vkey            the log's public key as one line (C2SP signed-note verifier key)
//   tile/...            tiles and entry bundles (C2SP tlog-tiles)
//   staging/checkpoint  the next checkpoint: while it is there, files that it covers and that are not in
//   their
//                       place yet lie in staging/
//   staging/...         without it: files being written, no part of the log
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "lib/bytes/bytes.h"
#include "lib/merkle/tile.h"

namespace wardline::auditlog {

inline constexpr std::string_view kCheckpointFile = "checkpoint";
inline constexpr std::string_view kKeyFile = "log.vkey";
inline constexpr std::string_view kStagingFolder = "staging";

/// Where a file lies before it is moved to this path: "staging/tile+0+000.p+17".
std::string staged_path(std::string_view path);

enum class ReadError {
  absent,      ///< There is no such file.
  unreadable,  ///< There is one, and the system does not give it out.
};

class LogFiles {
 public:
  virtual ~LogFiles() = default;
  /// The whole file at this path below the log's folder.
  virtual std::expected<Bytes, ReadError> read(const std::string& path) = 0;
  /// The path of every file below the log's folder but those in `staging/`, in any order.
  virtual std::expected<std::vector<std::string>, ReadError> list() = 0;
};

/// Tiles of a log for merkle::TileHashReader.
class FileTiles final : public merkle::TileSource {
 public:
  explicit FileTiles(LogFiles& files) : files_(files) {}
  merkle::Result<Bytes> read(const merkle::Tile& tile) override;

 private:
  LogFiles& files_;
};

/// The id in the canonical form of an entry, or nothing where these bytes do not begin as one.
std::string_view entry_id_of(ByteView entry);

}  // namespace wardline::auditlog
