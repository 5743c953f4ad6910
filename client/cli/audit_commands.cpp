#include "client/cli/audit_commands.h"

#include <charconv>
#include <fstream>

#include "client/auditor/database_rows.h"
#include "client/auditor/folder_files.h"
#include "lib/auditlog/receipt.h"
#include "lib/bytes/text.h"

namespace wardline::cli {
namespace {

namespace fs = std::filesystem;
using auditlog::Finding;

constexpr std::size_t kMostShown = 20;

/// The log's own folder: the one given, or `audit` in it.
fs::path log_folder(const fs::path& directory) {
  std::error_code error;
  return fs::exists(directory / "audit", error) ? directory / "audit" : directory;
}

Exit cannot(Console& console, const std::string& problem, const std::string& remedy) {
  console.err << "Not checked: " << problem << "\n" << remedy << "\n";
  return Exit::not_checked;
}

constexpr const char* kKeyLooksLike =
    "A key looks like wardline.example.org/audit+0a1b2c3d+AekyeRrm56hA… Give the one that was noted at "
    "set-up with --key.";

/// The log's key from the command line, or else from the log's folder.
std::expected<merkle::NoteVerifier, Exit> log_key(const std::optional<std::string>& key,
                                                  const fs::path& folder, Console& console) {
  if (key) {
    if (auto log = merkle::NoteVerifier::parse(*key)) return *std::move(log);
    return std::unexpected(cannot(console, "--key is not a verifier key.", kKeyLooksLike));
  }
  const fs::path file = folder / auditlog::kKeyFile;
  const auto bytes = auditor::read_file(file);
  if (!bytes) {
    return std::unexpected(cannot(console, file.string() + " is missing or cannot be read.", kKeyLooksLike));
  }
  const std::string text = as_text(*bytes);
  auto log = merkle::NoteVerifier::parse(std::string_view(text).substr(0, text.find('\n')));
  if (log && text == log->to_text() + "\n") return *std::move(log);
  console.err << "The audit log is NOT whole. First: " << auditlog::kKeyFile
              << ": this is not the log's public key as it was written\n"
              << kKeyLooksLike << "\n";
  return std::unexpected(Exit::bad);
}

std::expected<auditlog::Trust, Exit> trust_from(const std::optional<std::string>& key,
                                                const std::vector<std::string>& witnesses,
                                                const fs::path& folder, Console& console) {
  auto log = log_key(key, folder, console);
  if (!log) return std::unexpected(log.error());
  auditlog::Trust trust{*std::move(log)};
  for (const std::string& witness : witnesses) {
    auto parsed = merkle::NoteVerifier::parse(witness);
    if (!parsed) {
      return std::unexpected(cannot(console, "--witness " + witness + " is not a verifier key.",
                                    "Copy it whole, from its name to the end of the base64."));
    }
    trust.witnesses.push_back(*std::move(parsed));
  }
  return trust;
}

std::string what_to_do(const Finding& finding) {
  switch (finding.part) {
    case Finding::Part::unreadable:
      return "Check the rights to the file and the disk, then verify again.";
    case Finding::Part::key:
      return "Ask for the key that was noted at set-up. If the one beside the log is another, treat the log "
             "as replaced.";
    case Finding::Part::stray:
      return "Find out who put the file there. It is no part of the log: moved away, the rest can be "
             "verified again.";
    case Finding::Part::row:
      return "The signed log decides what is true. Keep the database as it is for the investigation, and "
             "restore it from a backup.";
    case Finding::Part::earlier:
      return "Someone with the log's key has replaced it. Keep this copy and the earlier checkpoint: "
             "together they are the proof.";
    default:
      return "Keep this copy unchanged for the investigation. Compare the part named above with a backup; "
             "restoring the folder "
             "from one brings the log back.";
  }
}

Exit report_damage(const auditlog::Report& report, Console& console) {
  const bool unreadable = report.findings[0].part == Finding::Part::unreadable;
  console.err << (unreadable ? "Not checked: " : "The audit log is NOT whole. First: ")
              << to_text(report.findings[0]) << "\n";
  for (std::size_t i = 1; i < std::min(report.findings.size(), kMostShown); ++i) {
    console.err << "  also: " << to_text(report.findings[i]) << "\n";
  }
  if (report.findings.size() > kMostShown) {
    console.err << "  and " << report.findings.size() - kMostShown << " more\n";
  }
  console.err << what_to_do(report.findings[0]) << "\n";
  return unreadable ? Exit::not_checked : Exit::bad;
}

/// A number, or the id of an entry looked up in the log.
std::optional<std::uint64_t> entry_number(const std::string& text, auditlog::LogFiles& files,
                                          const auditlog::Trust& trust) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return auditlog::find_entry(files, trust, text);
}

}  // namespace

Exit run(const AuditVerify& command, Console& console) {
  const fs::path folder = log_folder(command.directory);
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return cannot(console, folder.string() + " is no directory.",
                  "Name the data directory, or a copy of its folder audit.");
  }
  const auto trust = trust_from(command.key, command.witnesses, folder, console);
  if (!trust) return trust.error();
  auditlog::VerifyOptions options{*trust};
  for (const fs::path& path : command.checkpoints) {
    const auto bytes = auditor::read_file(path);
    if (!bytes)
      return cannot(console, path.string() + " cannot be read.",
                    "Name a checkpoint file that was kept earlier.");
    options.earlier.push_back(as_text(*bytes));
  }
  const fs::path database = command.database.value_or(command.directory / "wardline.db");
  std::unique_ptr<auditor::DatabaseRows> rows;
  if (command.database || fs::exists(database, error)) {
    auto opened = auditor::DatabaseRows::open(database);
    if (!opened) {
      return cannot(console,
                    "the database " + database.string() + " cannot be opened: " + opened.error() + ".",
                    "Copy it together with its -wal file, or verify a copy of the folder audit alone.");
    }
    rows = std::move(*opened);
    options.rows = rows.get();
  }

  auditor::FolderFiles files(folder);
  const auditlog::Report report = auditlog::verify_log(files, options);
  if (!report.is_whole()) return report_damage(report, console);
  console.out << "The audit log is whole: " << report.size << " entries, signed by " << trust->log.name()
              << "\n"
              << "root " << to_base64(report.root) << "\n";
  if (report.cosignatures != 0) console.out << report.cosignatures << " witnesses have signed it\n";
  if (rows)
    console.out << "the database agrees; " << report.waiting
                << " newer entries wait there for the next checkpoint\n";
  if (!command.key) {
    console.out << "The key lies beside the log. Whoever can replace both can deceive this check: note the "
                   "key elsewhere and give it "
                   "with --key\n  "
                << trust->log.to_text() << "\n";
  }
  return Exit::good;
}

Exit run(const AuditReceipt& command, Console& console) {
  const fs::path folder = log_folder(command.directory);
  const auto trust = trust_from(command.key, command.witnesses, folder, console);
  if (!trust) return trust.error();
  auditor::FolderFiles files(folder);
  const auto entry = entry_number(command.entry, files, *trust);
  if (!entry) {
    return cannot(
        console, "the log has no entry " + command.entry + ".",
        "Give its number, counted from 0, or its id. An entry of the last second waits for its checkpoint.");
  }
  const auto receipt = auditlog::make_receipt(files, *trust, *entry);
  if (!receipt) {
    console.err << "No receipt: " << to_text(receipt.error())
                << "\nVerify the whole log: wardline audit verify " << command.directory.string() << "\n";
    return Exit::bad;
  }
  if (!command.output) {
    console.out << *receipt;
    return Exit::good;
  }
  std::ofstream file(*command.output, std::ios::binary);
  if (!(file << *receipt).flush()) {
    return cannot(console, command.output->string() + " cannot be written.",
                  "Name another file with --output.");
  }
  return Exit::good;
}

Exit run(const AuditVerifyReceipt& command, Console& console) {
  const auto trust = trust_from(command.key, command.witnesses, {}, console);
  if (!trust) return trust.error();
  const auto bytes = auditor::read_file(command.receipt);
  if (!bytes)
    return cannot(console, command.receipt.string() + " cannot be read.", "Name the file of the receipt.");
  const auto verified = auditlog::verify_receipt(as_text(*bytes), *trust);
  if (!verified) {
    console.err << "The receipt is NOT good: " << verified.error().problem
                << "\nIt proves nothing. Ask for it again, or verify the log itself.\n";
    return Exit::bad;
  }
  console.out << "The receipt is good: entry " << verified->entry << " of " << verified->checkpoint.size
              << ", signed by " << verified->checkpoint.origin << "\n";
  if (verified->cosignatures != 0) console.out << verified->cosignatures << " witnesses have signed it\n";
  console.out << verified->text << "\n";
  return Exit::good;
}

}  // namespace wardline::cli
