#include "server/audit/sequencer.h"

#include "server/core/log.h"

namespace wardline::audit {
namespace {

using core::ErrorKind;

std::unexpected<core::Error> contradiction(std::uint64_t entry) {
  return core::fail(
      ErrorKind::internal, "audit-log-contradicts-database",
      "A signed entry of the log is not the one in the database. If either was restored from a backup, "
      "restore the other from the same one; else treat it as tampering.",
      {{"entry", static_cast<std::int64_t>(entry)}});
}

std::unexpected<core::Error> damaged() {
  return core::fail(
      ErrorKind::internal, "audit-log-damaged",
      "The files of the log do not lead to its signed checkpoint. Find out which with `wardline audit "
      "verify`, restore the folder from a backup, and start again.");
}

}  // namespace

Sequencer::Sequencer(storage::Database& database, const Log& log, LogStore& files, merkle::NoteSigner key,
                     const core::Clock& clock, NodeId node, SequencerConfig config)
    : database_(database),
      log_(log),
      files_(files),
      key_(std::move(key)),
      clock_(clock),
      node_(node),
      config_(config),
      store_(database.engine(), log),
      places_(log) {}

core::Result<Sequencer::Step> Sequencer::step(const std::function<void()>& rest) {
  const auto is_writer = take_lease();
  if (!is_writer) return std::unexpected(is_writer.error());
  if (!*is_writer) {
    recovered_ = false;  // Whoever writes now moves the log on.
    return Step{};
  }
  if (!recovered_) {
    if (auto done = recover(); !done) return std::unexpected(done.error());
    recovered_ = true;
  }
  const std::uint64_t old_size = writer_.size();
  const auto entries = take_in(rest);
  core::Result<void> done;
  if (!entries) done = std::unexpected(entries.error());
  if (entries && *entries != 0) done = publish(old_size);
  if (!done) {
    recovered_ = false;  // What is in memory may be ahead of the files.
    return std::unexpected(done.error());
  }
  return Step{true, *entries, *entries == config_.batch};
}

core::Result<void> Sequencer::finish() {
  for (;;) {
    const auto done = step();
    if (!done) return std::unexpected(done.error());
    if (!done->is_writer) return {};
    if (!done->more) break;
  }
  recovered_ = false;
  if (database_.engine() == storage::Engine::sqlite) return {};
  return database_.write([&](storage::Transaction& tx) -> core::Result<void> {
    store_.release_lease(tx, node_);
    return {};
  });
}

core::Result<bool> Sequencer::take_lease() {
  if (database_.engine() == storage::Engine::sqlite) return true;  // One process owns the data directory.
  return database_.write([&](storage::Transaction& tx) -> core::Result<bool> {
    const core::Time now = clock_.now();
    return store_.hold_lease(tx, node_, now, now + config_.lease);
  });
}

core::Result<void> Sequencer::recover() {
  if (auto known = check_key_file(); !known) return known;
  const auto published = published_checkpoint();
  if (!published) return std::unexpected(published.error());
  const auto staged = read_checkpoint(auditlog::staged_path(auditlog::kCheckpointFile));
  if (!staged) return std::unexpected(staged.error());
  if (*staged && (*staged)->size <= published->size) return damaged();  // It would roll the log back.
  if (auto cleared = *staged ? place_tiles(published->size, (*staged)->size) : files_.clear_staging();
      !cleared)
    return cleared;
  const merkle::Checkpoint* checkpoint = *staged ? &**staged : &*published;
  auto writer = LogWriter::load(files_, checkpoint->size);
  if (!writer) return std::unexpected(writer.error());
  if (writer->root() != checkpoint->root) return damaged();
  if (*staged) {
    if (auto placed = files_.place_checkpoint(); !placed) return placed;
  }
  const auto state = database_.read(
      [&](storage::ReadTransaction& tx) -> core::Result<LogState> { return store_.state(tx); });
  if (!state) return std::unexpected(state.error());
  state_ = *state;
  writer_ = std::move(*writer);
  places_.forget();

  if (state_.size == checkpoint->size && state_.root != checkpoint->root) return contradiction(state_.size);
  if (state_.size >= checkpoint->size)
    return {};  // Files that fell behind are written again from the database.
  // The checkpoint was signed and the database not told.
  if (auto same = compare_with_database(state_.size, checkpoint->size); !same) return same;
  const LogState now{checkpoint->size, checkpoint->root};
  auto told =
      database_.write([&](storage::Transaction& tx) { return store_.set_state(tx, state_.size, now); });
  if (!told) return told;
  remove_superseded(state_.size, now.size);
  state_ = now;
  return {};
}

core::Result<void> Sequencer::check_key_file() {
  const std::string path(auditlog::kKeyFile);
  const std::string text = key_.verifier().to_text() + "\n";
  const auto bytes = files_.read(path);
  if (!bytes && bytes.error() == auditlog::ReadError::absent) return files_.replace(path, as_bytes(text));
  if (bytes && as_text(*bytes) == text) return {};
  return core::fail(
      ErrorKind::internal, "audit-log-foreign",
      "The log in this folder was begun with another key or origin. Configure the origin that log.vkey "
      "names, or move the folder away.");
}

/// Nothing if there is no such file.
core::Result<std::optional<merkle::Checkpoint>> Sequencer::read_checkpoint(const std::string& path) {
  const auto bytes = files_.read(path);
  if (!bytes && bytes.error() == auditlog::ReadError::absent) return std::nullopt;
  const auto note = bytes ? merkle::parse_note(as_text(*bytes)) : std::unexpected(merkle::Error::unavailable);
  if (!note) return damaged();
  auto checkpoint = merkle::open_checkpoint(*note, key_.verifier().name(), key_.verifier());
  if (!checkpoint) return damaged();
  return std::move(*checkpoint);
}

/// An empty log has a signed checkpoint too: what is staged always continues one.
core::Result<merkle::Checkpoint> Sequencer::published_checkpoint() {
  const std::string path(auditlog::kCheckpointFile);
  auto checkpoint = read_checkpoint(path);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  if (*checkpoint) return std::move(**checkpoint);
  const merkle::Hash root = merkle::empty_root();
  const auto text = signed_checkpoint(0, root);
  if (!text) return std::unexpected(text.error());
  if (auto safe = files_.replace(path, as_bytes(*text)); !safe) return std::unexpected(safe.error());
  return merkle::Checkpoint{key_.verifier().name(), 0, root, {}};
}

/// That the bundles of entries [first, last) hold what the database does.
core::Result<void> Sequencer::compare_with_database(std::uint64_t first, std::uint64_t last) {
  while (first < last) {
    const auto tile = *merkle::tile_in_tree(last, std::nullopt, first / merkle::kTileWidth);
    const auto bytes = files_.read(merkle::tile_path(tile));
    const auto bundle =
        bytes ? merkle::decode_bundle(tile, *bytes) : std::unexpected(merkle::Error::unavailable);
    if (!bundle) return damaged();
    const std::size_t offset = first % merkle::kTileWidth;
    const auto rows = database_.read(
        [&](storage::ReadTransaction& tx) { return store_.entries(tx, first, bundle->size() - offset); });
    if (!rows) return std::unexpected(rows.error());
    for (std::size_t i = offset; i < bundle->size(); ++i, ++first) {
      if (i - offset >= rows->size() || !equal(as_bytes((*rows)[i - offset]), (*bundle)[i]))
        return contradiction(first);
    }
  }
  return {};
}

core::Result<void> Sequencer::place() {
  if (database_.engine() == storage::Engine::sqlite) return {};
  const auto runs = database_.read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<Run>> {
    return places_.waiting(tx, config_.batch);
  });
  if (!runs) return std::unexpected(runs.error());
  if (!runs->empty()) {
    auto placed = database_.write([&](storage::Transaction& tx) -> core::Result<void> {
      // Only the holder of the lease gives places: asked again in this transaction, in which nobody else can
      // take it.
      const core::Time now = clock_.now();
      if (!store_.hold_lease(tx, node_, now, now + config_.lease)) {
        return core::fail(ErrorKind::conflict, "audit-log-moved-on", "Another node has continued the log.");
      }
      return places_.write(tx, *runs);
    });
    if (!placed) return placed;
  }
  places_.placed(*runs);
  return {};
}

/// Adds the new entries to the tree in memory, a batch at most, puts what is full into staging, and says how
/// many there were.
core::Result<std::uint64_t> Sequencer::take_in(const std::function<void()>& rest) {
  if (auto placed = place(); !placed) return std::unexpected(placed.error());
  for (std::uint64_t taken = 0;;) {
    const std::uint64_t wanted = std::min<std::uint64_t>(config_.portion, config_.batch - taken);
    const auto entries = database_.read(
        [&](storage::ReadTransaction& tx) { return store_.entries(tx, writer_.size(), wanted); });
    if (!entries) return std::unexpected(entries.error());
    for (const std::string& entry : *entries) {
      if (auto added = add(entry); !added) return std::unexpected(added.error());
    }
    if (auto written = put(writer_.take_full_tiles()); !written) return std::unexpected(written.error());
    taken += entries->size();
    if (entries->size() < config_.portion || taken == config_.batch) return taken;
    rest();
  }
}

core::Result<void> Sequencer::publish(std::uint64_t old_size) {
  if (auto written = put(writer_.take_tiles()); !written) return written;
  const auto text = signed_checkpoint(writer_.size(), writer_.root());
  if (!text) return std::unexpected(text.error());
  if (auto safe = files_.stage_checkpoint(as_bytes(*text)); !safe) return safe;
  if (auto placed = place_tiles(old_size, writer_.size()); !placed) return placed;
  if (auto placed = files_.place_checkpoint(); !placed) return placed;
  return tell_database(old_size);
}

core::Result<void> Sequencer::add(const std::string& entry) {
  if (auto added = writer_.add(as_bytes(entry)); !added) return added;
  // Files that fell behind grow through a size that was signed before: the log must be the same one there.
  if (writer_.size() == state_.size && writer_.root() != state_.root) return contradiction(state_.size - 1);
  return {};
}

core::Result<void> Sequencer::put(const std::vector<LogWriter::NewTile>& tiles) {
  for (const LogWriter::NewTile& tile : tiles) {
    if (auto written = files_.put(merkle::tile_path(tile.tile), tile.bytes); !written) return written;
  }
  return {};
}

core::Result<std::string> Sequencer::signed_checkpoint(std::uint64_t size, const merkle::Hash& root) {
  const auto note = merkle::sign_checkpoint({key_.verifier().name(), size, root, {}}, key_);
  if (!note)
    return core::fail(core::ErrorKind::internal, "audit-signing-failed",
                      "The log's checkpoint could not be signed.");
  return merkle::format_note(*note);
}

/// Moves what the staged checkpoint of `size` covers beyond `old_size` to its places, as far as it is not
/// there.
core::Result<void> Sequencer::place_tiles(std::uint64_t old_size, std::uint64_t size) {
  for (const merkle::Tile& tile : merkle::new_tiles(old_size, size)) {
    if (auto placed = files_.place(merkle::tile_path(tile)); !placed) return placed;
  }
  return {};
}

core::Result<void> Sequencer::tell_database(std::uint64_t old_size) {
  if (writer_.size() > state_.size) {
    const LogState now{writer_.size(), writer_.root()};
    auto told =
        database_.write([&](storage::Transaction& tx) { return store_.set_state(tx, state_.size, now); });
    if (!told) return told;
    state_ = now;
  }
  remove_superseded(old_size, writer_.size());
  return {};
}

void Sequencer::remove_superseded(std::uint64_t old_size, std::uint64_t size) {
  for (const merkle::Tile& tile : merkle::new_tiles(old_size, size)) {
    if (!tile.is_partial()) files_.remove_partials(tile);
  }
}

}  // namespace wardline::audit
