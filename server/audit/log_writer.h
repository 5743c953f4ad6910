// The right edge of the log's tree in memory: entries go in, finished and partial tiles come out.
#pragma once

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
  /// All tiles and bundles that are new since the last call, the partial ones at the right edge included.
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
