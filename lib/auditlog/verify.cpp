#include "lib/auditlog/verify.h"

#include <algorithm>

#include "lib/auditlog/entry_scan.h"
#include "lib/auditlog/log_view.h"

namespace wardline::auditlog {
namespace {

using Part = Finding::Part;

constexpr std::string_view kSignatureDoesNotCover = "the log's signature is not one over lines 1 to 3";

class Verification {
 public:
  Verification(LogFiles& files, const VerifyOptions& options) : files_(files), options_(options) {}

  Report run() {
    check_key();
    const auto paths = files_.list();
    if (!paths) {
      note({.part = Part::unreadable, .path = "the log's folder", .problem = "its files cannot be listed"});
      return std::move(report_);
    }
    const std::vector<std::string> strays = index_.take(*paths);
    if (const auto opened = open_checkpoint()) {
      open_earlier();
      check_entries(*opened);
    }
    for (const std::string& path : strays)
      note({.part = Part::stray, .path = path, .problem = "this file is no part of the log"});
    return std::move(report_);
  }

 private:
  void note(Finding finding) { report_.findings.push_back(std::move(finding)); }
  void note_all(const std::vector<Finding>& findings) {
    std::ranges::copy(findings, std::back_inserter(report_.findings));
  }
  void note_line(std::uint64_t line, std::string_view problem) {
    note({.part = Part::checkpoint,
          .path = std::string(kCheckpointFile),
          .line = line,
          .problem = std::string(problem)});
  }

  void check_key() {
    Finding finding{.part = Part::key, .path = std::string(kKeyFile)};
    const auto bytes = files_.read(finding.path);
    if (!bytes) {
      finding.problem =
          bytes.error() == ReadError::absent ? "the log's public key is missing" : "the file cannot be read";
    } else if (as_text(*bytes) != options_.trust.log.to_text() + "\n") {
      finding.problem =
          "this is not the key that the log is checked against, " + options_.trust.log.to_text();
    } else {
      return;
    }
    note(std::move(finding));
  }

  /// The checkpoint that a server is about to publish, or was when it ended: signed, so that what lies beyond
  /// the published one is proven as well.
  std::optional<OpenedCheckpoint> open_staged() {
    const std::string path = staged_path(kCheckpointFile);
    const auto bytes = files_.read(path);
    if (!bytes && bytes.error() == ReadError::absent) return std::nullopt;
    if (!bytes) {
      note({.part = Part::unreadable, .path = path, .problem = "the file cannot be read"});
      return std::nullopt;
    }
    staged_text_ = *bytes;
    auto opened = open_checkpoint_file(as_text(*bytes), options_.trust);
    if (opened && opened->signed_by_log) return *std::move(opened);
    Finding finding =
        opened ? Finding{.part = Part::checkpoint, .line = 5, .problem = std::string(kSignatureDoesNotCover)}
               : opened.error();
    finding.path = path;
    note(std::move(finding));
    return std::nullopt;
  }

  /// Whether the log is to be judged at the staged checkpoint, which continues the published one.
  bool goes_on(const OpenedCheckpoint& published, const OpenedCheckpoint& staged) {
    if (!published.signed_by_log) return false;
    if (staged.checkpoint.size > published.checkpoint.size) return true;
    // A server that runs has published it meanwhile. One that is still there was put there.
    const std::string path = staged_path(kCheckpointFile);
    if (const auto now = files_.read(path); now && *now == staged_text_)
      note({.part = Part::stray, .path = path, .problem = "it is no newer than the log's checkpoint"});
    return false;
  }

  std::optional<OpenedCheckpoint> open_checkpoint() {
    // In this order, for the sake of a server that goes on: files have been listed already. Each of them is
    // covered by the checkpoint that was staged then, and that one is, now, the staged one or published, or
    // older.
    const auto staged = open_staged();
    auto opened = open_published();
    if (opened && staged && goes_on(*opened, *staged)) {
      files_.include_staged();
      report_.arriving = staged->checkpoint.size - opened->checkpoint.size;
      earlier_.push_back(opened->checkpoint);
      opened = staged;
    }
    if (opened) {
      report_.size = opened->checkpoint.size;
      report_.root = opened->checkpoint.root;
      report_.cosignatures = opened->cosignatures;
    }
    return opened;
  }

  std::optional<OpenedCheckpoint> open_published() {
    const auto bytes = files_.read(std::string(kCheckpointFile));
    if (!bytes) {
      const bool absent = bytes.error() == ReadError::absent;
      note({.part = absent ? Part::checkpoint : Part::unreadable,
            .path = std::string(kCheckpointFile),
            .problem = absent ? "the signed checkpoint is missing" : "the file cannot be read"});
      return std::nullopt;
    }
    auto opened = open_checkpoint_file(as_text(*bytes), options_.trust);
    if (!opened) {
      note(opened.error());
      return std::nullopt;
    }
    return *opened;
  }

  void open_earlier() {
    for (std::size_t i = 0; i < options_.earlier.size(); ++i) {
      const auto opened = open_checkpoint_file(options_.earlier[i], options_.trust);
      if (opened && opened->signed_by_log) {
        earlier_.push_back(opened->checkpoint);
        continue;
      }
      Finding finding =
          opened ? Finding{.part = Part::earlier, .line = 5, .problem = std::string(kSignatureDoesNotCover)}
                 : opened.error();
      finding.part = Part::earlier;
      finding.path = "earlier checkpoint " + std::to_string(i + 1);
      note(std::move(finding));
    }
  }

  void check_entries(const OpenedCheckpoint& opened) {
    // Where the signature does not hold, the entries that are there show which line is wrong.
    const std::uint64_t on_disk = index_.entries();
    const std::uint64_t size = opened.signed_by_log ? opened.checkpoint.size : on_disk;
    EntryScan scan(files_, index_, size, options_.rows);
    scan.want_root(opened.checkpoint.size);
    scan.want_root(on_disk);
    for (const merkle::Checkpoint& checkpoint : earlier_) scan.want_root(checkpoint.size);
    scan.run();
    report_.waiting = scan.waiting();
    if (opened.signed_by_log) {
      judge(opened.checkpoint, scan);
    } else {
      judge_unsigned(opened.checkpoint, on_disk, scan);
    }
    check_earlier(opened.checkpoint, scan);
    note_all(scan.row_findings());
  }

  /// The signature holds: size and root are what the log signed.
  void judge(const merkle::Checkpoint& checkpoint, const EntryScan& scan) {
    if (scan.root_at(checkpoint.size) == checkpoint.root) {
      // The entries are the signed ones: whatever differs from them is wrong itself.
      note_all(scan.bundle_findings());
      note_all(scan.copy_findings());
      note_all(scan.tile_findings());
      note_rest();
    } else if (!scan.bundle_findings().empty()) {
      note_all(scan.bundle_findings());
    } else if (const auto entry =
                   scan.first_difference() ? scan.first_difference() : scan.first_row_difference()) {
      const auto tile = merkle::tile_in_tree(checkpoint.size, std::nullopt, *entry / merkle::kTileWidth);
      note({.part = Part::entry,
            .path = tile ? merkle::tile_path(*tile) : std::string(),
            .entry = entry,
            .entry_id = scan.id_of(*entry),
            .problem = "the entry is not the one that was signed"});
    } else {
      judge_rewritten(scan);
    }
  }

  /// The entries agree with the tiles of their own level and not with the signature: both were rewritten.
  void judge_rewritten(const EntryScan& scan) {
    for (const Finding& finding : scan.tile_findings()) {
      Finding entry = finding;
      entry.problem = "entries were changed together with their hashes: " + finding.problem;
      note(std::move(entry));
      return;
    }
    note_line(3, "the signed root is not the one of the entries: entries and tiles were rewritten together");
  }

  void judge_unsigned(const merkle::Checkpoint& checkpoint, std::uint64_t on_disk, const EntryScan& scan) {
    if (scan.root_at(checkpoint.size) == checkpoint.root) {
      note_line(5, kSignatureDoesNotCover);
    } else if (scan.root_at(on_disk) == checkpoint.root) {
      note_line(2,
                "the root in line 3 is the one of " + std::to_string(on_disk) + " entries, not of this many");
    } else if (!scan.first_difference() && scan.bundle_findings().empty()) {
      note_line(3, "this is not the root of the entries, and the signature does not cover it");
    } else {
      note_line(5, kSignatureDoesNotCover);
      note_all(scan.bundle_findings());
    }
  }

  /// Tiles and bundles for which there are no entries at all.
  void note_rest() {
    for (const merkle::Tile& tile : index_.rest()) {
      note(beyond_the_log(tile, report_.size));
    }
  }

  void check_earlier(const merkle::Checkpoint& now, const EntryScan& scan) {
    for (const merkle::Checkpoint& then : earlier_) {
      Finding finding{.part = Part::earlier,
                      .path = "the earlier checkpoint of " + std::to_string(then.size) + " entries"};
      if (then.size > now.size) {
        finding.problem =
            "the log has only " + std::to_string(now.size) + " entries now: the newest ones were removed";
      } else if (scan.root_at(then.size) && scan.root_at(then.size) != then.root) {
        finding.problem = "the log held other entries then: it was rewritten";
      } else {
        continue;
      }
      note(std::move(finding));
    }
  }

  LogView files_;
  const VerifyOptions& options_;
  Bytes staged_text_;
  TileIndex index_;
  std::vector<merkle::Checkpoint> earlier_;
  Report report_;
};

}  // namespace

Report verify_log(LogFiles& files, const VerifyOptions& options) {
  return Verification(files, options).run();
}

}  // namespace wardline::auditlog
