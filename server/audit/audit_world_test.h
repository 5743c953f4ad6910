// What tests of the audit log share: a database, a folder, a key, and the log's verdict about itself.
#pragma once

#include <fstream>

#include "lib/auditlog/verify.h"
#include "server/audit/append.h"
#include "server/audit/migrations.h"
#include "server/audit/sequencer.h"
#include "tests/support/test_database.h"

namespace wardline::audit {

inline merkle::NoteSigner log_key(std::uint8_t seed = 5) {
  return *merkle::NoteSigner::create("log.example", merkle::NoteKeyType::ed25519, Bytes(32, seed));
}

inline std::vector<storage::Migration> audit_migrations() {
  return {migrations().begin(), migrations().end()};
}

class AuditWorld {
 public:
  explicit AuditWorld(storage::Engine engine, const Log& which = kAuditLog)
      : database(engine, audit_migrations()), log(which) {}

  std::unique_ptr<FolderStore> open_folder() {
    auto folder = FolderStore::open(directory.path() / log.folder);
    if (!folder) throw std::runtime_error(folder.error().detail);
    return std::move(*folder);
  }

  Sequencer sequencer(LogStore& files, SequencerConfig config = {}) {
    return {*database, log, files, log_key(), clock, node, config};
  }

  /// Writes this many further entries in one transaction.
  void act(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      written.push_back(encode(Entry::by_nobody(policy::Action::public_sign_in, Outcome::denied,
                                                {static_cast<std::int64_t>(acts + i)})));
    }
    acts += count;
    const auto done = database->write([&](storage::Transaction& tx) -> core::Result<void> {
      append(tx, log, std::span(written).last(count));
      return {};
    });
    if (!done) throw std::runtime_error(done.error().detail);
  }

  auditlog::Report verify(auditlog::LogFiles& files, std::vector<std::string> earlier = {}) {
    StoredRows rows(*database, log);
    return auditlog::verify_log(files, {{log_key().verifier()}, &rows, std::move(earlier)});
  }
  /// "whole", or the first finding.
  std::string verdict(auditlog::LogFiles& files, std::vector<std::string> earlier = {}) {
    const auditlog::Report report = verify(files, std::move(earlier));
    return report.is_whole() ? "whole" : to_text(report.findings[0]);
  }

  /// The entries in the log's bundles, in their order.
  static std::vector<std::string> logged(auditlog::LogFiles& files) {
    std::vector<std::string> entries;
    const auto text = files.read("checkpoint");
    const auto checkpoint = merkle::parse_checkpoint(merkle::parse_note(as_text(*text))->text);
    for (std::uint64_t i = 0; const auto tile = merkle::tile_in_tree(checkpoint->size, std::nullopt, i);
         ++i) {
      const Bytes bytes = *files.read(merkle::tile_path(*tile));
      for (const ByteView entry : *merkle::decode_bundle(*tile, bytes)) entries.push_back(as_text(entry));
    }
    return entries;
  }

  support::TemporaryDirectory directory;
  support::TestDatabase database;
  const Log& log;
  core::ManualClock clock;
  NodeId node =
      core::new_id<NodeId>();  ///< one that comes back under its own name need not wait for its lease
  std::size_t acts = 0;
  std::vector<std::string> written;  ///< what `act` wrote, in order
};

}  // namespace wardline::audit
