// The right edge of the log's tree in memory: entries go in, finished and partial tiles come out.
#pragma once

#include <utility>

#include "lib/auditlog/files.h"
#include "lib/merkle/tile.h"
#include "server/core/error.h"

namespace wardline::audit {

class LogWriter {
 public:
  struct NewTile {
    merkle::Tile tile;
    Bytes bytes;
  };

  LogWriter() = default;
  /// Goes on from the files of a log of this size. Error "audit-log-damaged" if a tile at the right edge is
  /// missing or not one. Whether they lead to the signed root, the caller checks with root().
  static core::Result<LogWriter> load(auditlog::LogFiles& files, std::uint64_t size);

  /// The entry's canonical form. Error "audit-entry-too-large" above 65,535 bytes.
  core::Result<void> add(ByteView entry);
  /// The tiles and bundles that became full since the last call.
  std::vector<NewTile> take_full_tiles() { return std::exchange(finished_, {}); }
  /// The same, and the partial ones at the right edge where they changed.
  std::vector<NewTile> take_tiles();

  std::uint64_t size() const { return tree_.size(); }
  merkle::Hash root() const { return tree_.root(); }

 private:
  struct Level {
    std::uint64_t tile = 0;            ///< index of the tile that is being filled
    std::vector<merkle::Hash> hashes;  ///< what it holds so far
    bool changed = false;
  };
  void push(unsigned level, const merkle::Hash& hash);

  merkle::CompactTree tree_;
  Bytes bundle_;
  std::vector<Level> levels_;
  std::vector<NewTile> finished_;
};

}  // namespace wardline::audit
