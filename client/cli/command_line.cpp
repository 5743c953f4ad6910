#include "client/cli/command_line.h"

#include <CLI/CLI.hpp>

#include "client/cli/audit_commands.h"
#include "client/cli/client_options.h"

namespace wardline::cli {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 everything agrees, 1 something is wrong (the first wrong part is named), 2 usage, 3 not "
    "checked.";
constexpr const char* kDirectory = "a data directory, or a copy of its folder audit or device-log";
constexpr const char* kKey = "the log's verifier key, as noted at set-up (default: log.vkey beside the log)";
constexpr const char* kWitness = "verifier key of a witness that must have signed; may be repeated";

void add_verify(CLI::App& audit, AuditVerify& command, Chosen& chosen) {
  CLI::App* verify = audit.add_subcommand("verify",
                                          "Check that the logs are whole, of acts and of device "
                                          "certificates: every entry, hash and line, and the "
                                          "database's copy");
  verify->add_option("DIR", command.directory, kDirectory)->required();
  verify->add_option("--key", command.key, kKey);
  verify->add_option("--device-log-key", command.device_log_key,
                     "the device log's verifier key (default: log.vkey beside that log)");
  verify->add_option("--witness", command.witnesses, kWitness)->allow_extra_args(false);
  verify
      ->add_option("--checkpoint", command.checkpoints,
                   "a checkpoint kept earlier, which the log must continue; may be repeated")
      ->allow_extra_args(false);
  verify->add_option("--database", command.database,
                     "the SQLite database to compare with (default: wardline.db in DIR)");
  verify->footer(kExitCodes);
  verify->callback([&] { chosen = [&](Console& console) { return run(command, console); }; });
}

void add_receipt(CLI::App& audit, AuditReceipt& command, Chosen& chosen) {
  CLI::App* receipt =
      audit.add_subcommand("receipt", "Write the proof that one entry is in the log (C2SP tlog-proof)");
  receipt->add_option("DIR", command.directory, kDirectory)->required();
  receipt->add_option("ENTRY", command.entry, "the entry's number, counted from 0, or its id")->required();
  receipt->add_option("--key", command.key, kKey);
  receipt->add_option("--witness", command.witnesses, kWitness)->allow_extra_args(false);
  receipt->add_option("-o,--output", command.output, "the file to write (default: standard output)");
  receipt->footer(kExitCodes);
  receipt->callback([&] { chosen = [&](Console& console) { return run(command, console); }; });
}

void add_verify_receipt(CLI::App& audit, AuditVerifyReceipt& command, Chosen& chosen) {
  CLI::App* verify =
      audit.add_subcommand("verify-receipt", "Check a receipt, without the log, and print its entry");
  verify->add_option("FILE", command.receipt, "the receipt")->required();
  verify->add_option("--key", command.key, "the log's verifier key, as noted at set-up")->required();
  verify->add_option("--witness", command.witnesses, kWitness)->allow_extra_args(false);
  verify->footer(kExitCodes);
  verify->callback([&] { chosen = [&](Console& console) { return run(command, console); }; });
}

}  // namespace

Exit run_command_line(std::span<const std::string> arguments, Console& console) {
  CLI::App app("Wardline from the command line", "wardline");
  app.require_subcommand(1);
  CLI::App* audit = app.add_subcommand("audit", "Check the audit log, off line");
  audit->require_subcommand(1);
  AuditVerify verify;
  AuditReceipt receipt;
  AuditVerifyReceipt verify_receipt;
  Chosen chosen;
  add_verify(*audit, verify, chosen);
  add_receipt(*audit, receipt, chosen);
  add_verify_receipt(*audit, verify_receipt, chosen);
  add_client_commands(app, chosen);
  try {
    app.parse(
        std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them in reverse.
  } catch (const CLI::ParseError& error) {
    return app.exit(error, console.out, console.err) == 0 ? Exit::good : Exit::usage;
  }
  return chosen(console);
}

}  // namespace wardline::cli
