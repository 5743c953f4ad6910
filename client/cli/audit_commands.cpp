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
  console.err << "The log is NOT whole. First: " << auditlog::kKeyFile << " in " << folder.filename().string()
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
    case Finding::Part::beyond:
      return "No server leaves such a file, not even one that is killed. If this is a copy that was made "
             "while "
             "the server wrote, verify the data directory itself, or a copy of a snapshot of it. Else "
             "somebody "
             "put the file there: keep this copy unchanged for the investigation.";
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

Exit report_damage(const auditlog::Report& report, std::string_view log, Console& console) {
  const bool unreadable = report.findings[0].part == Finding::Part::unreadable;
  console.err << (unreadable ? "Not checked: " : "The " + std::string(log) + " log is NOT whole. First: ")
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

using auditor::Table;

constexpr const char* kDeviceLogFolder = "device-log";

struct LogToCheck {
  std::string_view name;
  fs::path folder;
  Table rows;
  std::optional<std::string> key;
  std::string_view key_option;
};

fs::path database_of(const AuditVerify& command) {
  return command.database.value_or(command.directory / "wardline.db");
}

/// Whether a kept checkpoint says that it is of this log. One that says nothing known is the audit log's to
/// refuse.
bool is_of(const std::string& checkpoint, const LogToCheck& log, const auditlog::Trust& trust) {
  const bool is_device_log = checkpoint.substr(0, checkpoint.find('\n')).ends_with("/devices");
  return checkpoint.starts_with(trust.log.name() + "\n") ||
         (log.rows == Table::audit_entries && !is_device_log);
}

std::expected<std::vector<std::string>, Exit> earlier_checkpoints(const AuditVerify& command,
                                                                  const LogToCheck& log,
                                                                  const auditlog::Trust& trust,
                                                                  Console& console) {
  std::vector<std::string> earlier;
  for (const fs::path& path : command.checkpoints) {
    const auto bytes = auditor::read_file(path);
    if (!bytes) {
      return std::unexpected(cannot(console, path.string() + " cannot be read.",
                                    "Name a checkpoint file that was kept earlier."));
    }
    if (std::string text = as_text(*bytes); is_of(text, log, trust)) earlier.push_back(std::move(text));
  }
  return earlier;
}

/// Nothing where there is no database to compare with.
std::expected<std::unique_ptr<auditor::DatabaseRows>, Exit> rows_of(const AuditVerify& command,
                                                                    const LogToCheck& log, Console& console) {
  const fs::path database = database_of(command);
  std::error_code error;
  if (!command.database && !fs::exists(database, error)) return nullptr;
  auto opened = auditor::DatabaseRows::open(database, log.rows);
  if (opened) return std::move(*opened);
  return std::unexpected(
      cannot(console, "the database " + database.string() + " cannot be opened: " + opened.error() + ".",
             "Copy it together with its -wal file, or verify a copy of the folder audit alone."));
}

Exit check_log(const AuditVerify& command, const LogToCheck& log, Console& console) {
  std::error_code error;
  if (!fs::is_directory(log.folder, error)) {
    return cannot(console, log.folder.string() + " is no directory.",
                  "Name the data directory, or a copy of its folder audit or device-log.");
  }
  const auto trust = trust_from(log.key, command.witnesses, log.folder, console);
  if (!trust) return trust.error();
  auto earlier = earlier_checkpoints(command, log, *trust, console);
  if (!earlier) return earlier.error();
  const auto rows = rows_of(command, log, console);
  if (!rows) return rows.error();

  auditor::FolderFiles files(log.folder);
  const auditlog::Report report = auditlog::verify_log(files, {*trust, rows->get(), std::move(*earlier)});
  if (!report.is_whole()) return report_damage(report, log.name, console);
  console.out << "The " << log.name << " log is whole: " << report.size << " entries, signed by "
              << trust->log.name() << "\n"
              << "root " << to_base64(report.root) << "\n";
  if (report.cosignatures != 0) console.out << report.cosignatures << " witnesses have signed it\n";
  if (report.arriving != 0)
    console.out
        << "the newest " << report.arriving
        << " are signed and not all in their places: the server is at it, or does it when it starts\n";
  if (*rows)
    console.out << "the database agrees; " << report.waiting
                << " newer entries wait there for the next checkpoint\n";
  if (!log.key) {
    console.out << "The key lies beside the log. Whoever can replace both can deceive this check: note the "
                   "key elsewhere and give it with "
                << log.key_option << "\n  " << trust->log.to_text() << "\n";
  }
  return Exit::good;
}

}  // namespace

Exit run(const AuditVerify& command, Console& console) {
  std::error_code error;
  const LogToCheck devices{"device", command.directory / kDeviceLogFolder, Table::device_entries,
                           command.device_log_key, "--device-log-key"};
  if ((command.directory / "").parent_path().filename() == kDeviceLogFolder) {
    return check_log(command,
                     {"device", command.directory, Table::device_entries,
                      command.device_log_key ? command.device_log_key : command.key, "--key"},
                     console);
  }
  const Exit audit = check_log(
      command, {"audit", log_folder(command.directory), Table::audit_entries, command.key, "--key"}, console);
  // A copy of the folder audit alone has no device log; where there is a sign of one it has to be there.
  const bool expected = command.device_log_key || fs::exists(devices.folder, error) ||
                        auditor::DatabaseRows::has_any(database_of(command), Table::device_entries);
  if (!expected || audit == Exit::not_checked) return audit;
  const Exit second = check_log(command, devices, console);
  return audit == Exit::good ? second : audit;
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
