// Gives committed entries their place in the Merkle tree, writes the log's files, and signs checkpoints.
//
// The order of writes is what makes it safe to be killed anywhere: the order of entries in the database (they
// never move after); then tiles in staging and the signed checkpoint beside them, flushed; then tiles and
// checkpoint in their places, flushed; last the database's note of how far the log has come. A checkpoint
// that was staged is completed from staging alone, so that the folder proves by itself what lies in it
// (decision 0017). All of it follows from the database: doing a step again writes the same bytes, whichever
// node does it.
#pragma once

#include <functional>

#include "lib/merkle/checkpoint.h"
#include "server/audit/log_store.h"
#include "server/audit/log_writer.h"
#include "server/audit/places.h"
#include "server/audit/store.h"

namespace wardline::audit {

struct SequencerConfig {
  std::chrono::microseconds lease =
      std::chrono::seconds(10);  ///< how long a node that died keeps others waiting
  std::size_t batch = 20'000;    ///< most entries in one checkpoint's step
  std::size_t portion = 256;     ///< most that are read and hashed without a rest
};

/// Used by one thread at a time.
class Sequencer {
 public:
  Sequencer(storage::Database& database, const Log& log, LogStore& files, merkle::NoteSigner key,
            const core::Clock& clock, NodeId node, SequencerConfig config = {});

  const Log& log() const { return log_; }

  struct Step {
    bool is_writer = false;     ///< false: another node writes the log
    std::uint64_t entries = 0;  ///< newly under a signed checkpoint
    bool more = false;          ///< there may be further ones at once
  };
  /// One round. `rest` is called between portions: a second's entries in one go keep a processor from
  /// everybody else for tens of milliseconds. After an error the next call starts over from what is on disk
  /// and in the database.
  /// Errors: those of the database and the folder; "audit-log-damaged" (files do not lead to the signed
  /// root), "audit-log-foreign" (another key or origin), "audit-log-contradicts-database" (a signed entry is
  /// not the one in the database: one of them was restored from a backup or altered). The last three need a
  /// person.
  core::Result<Step> step(const std::function<void()>& rest = [] {});

  /// Steps until nothing is left, then lets other nodes write. For an orderly shutdown.
  core::Result<void> finish();

 private:
  core::Result<bool> take_lease();
  core::Result<void> recover();
  core::Result<void> check_key_file();
  core::Result<std::optional<merkle::Checkpoint>> read_checkpoint(const std::string& path);
  core::Result<merkle::Checkpoint> published_checkpoint();
  core::Result<std::string> signed_checkpoint(std::uint64_t size, const merkle::Hash& root);
  core::Result<void> compare_with_database(std::uint64_t first, std::uint64_t last);
  core::Result<void> place();
  core::Result<std::uint64_t> take_in(const std::function<void()>& rest);
  core::Result<void> publish(std::uint64_t old_size);
  core::Result<void> add(const std::string& entry);
  core::Result<void> put(const std::vector<LogWriter::NewTile>& tiles);
  core::Result<void> place_tiles(std::uint64_t old_size, std::uint64_t size);
  core::Result<void> tell_database(std::uint64_t old_size);
  void remove_superseded(std::uint64_t old_size, std::uint64_t size);

  storage::Database& database_;
  const Log& log_;
  LogStore& files_;
  merkle::NoteSigner key_;
  const core::Clock& clock_;
  NodeId node_;
  SequencerConfig config_;
  Store store_;
  Places places_;  ///< on PostgreSQL
  bool recovered_ = false;
  LogState state_;  ///< as the database has it
  LogWriter writer_;
};

}  // namespace wardline::audit
