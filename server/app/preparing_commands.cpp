#include "server/app/preparing_commands.h"

#include <unistd.h>

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "server/app/initialise.h"
#include "server/app/people_command.h"

namespace wardline::app {
namespace {

int initialise_directory(const InitialiseOptions& options) {
  if (const auto made = initialise(options, core::SystemClock()); !made) return refuse(made.error());
  fmt::print(
      "{0} is ready. Next:\n"
      "  wardlined add-people --data {0} --from people.json --accounts first-sign-in.txt\n"
      "  wardlined --data {0}\n",
      options.data.string());
  return 0;
}

void declare_init(CLI::App& program, int& status) {
  const auto options = std::make_shared<InitialiseOptions>();
  auto* command =
      program.add_subcommand("init", "Make a data directory: keys, database, TLS certificate, wardline.toml");
  command->add_option("--data", options->data, "Where to make it")->required();
  command->add_option("--organisation", options->organisation, "The name of your organisation");
  command->add_option("--host", options->host, "The name or address under which people reach the server");
  command->add_option("--port", options->port, "The port to listen on");
  command->callback([options, &status] { status = initialise_directory(*options); });
}

int add_all(const AddPeopleOptions& options) {
  const bool watched = isatty(STDERR_FILENO) != 0;
  const auto added = add_people(options, core::SystemClock(), [&](std::size_t done, std::size_t all) {
    if (watched) fmt::print(stderr, "\rMaking passwords: {} of {}{}", done, all, done == all ? "\n" : "");
  });
  if (!added) return refuse(added.error());
  fmt::print("Added {}. What each needs to sign in the first time is in {}: hand it over, then delete it.\n",
             *added, options.accounts.string());
  return 0;
}

void declare_add_people(CLI::App& program, int& status) {
  const auto options = std::make_shared<AddPeopleOptions>();
  auto* command = program.add_subcommand(
      "add-people", "Add people to a server that does not run: accounts, and their place in the directory");
  command->add_option("--data", options->data, "The data directory")->required();
  command->add_option("--from", options->from, "Who: JSON, as docs/guides/administrator.md has it")
      ->required();
  command->add_option("--accounts", options->accounts, "A new file for their passwords and activation codes")
      ->required();
  command->callback([options, &status] { status = add_all(*options); });
}

void declare_demo_data(CLI::App& program, int& status) {
  const auto data = std::make_shared<std::string>();
  auto* command =
      program.add_subcommand("demo-data", "Fill a fresh data directory with a synthetic hospital");
  command->add_option("--data", *data, "The data directory")->required();
  command->callback([data, &status] {
    const auto loaded = load_demo_data(*data, core::SystemClock());
    if (!loaded) return void(status = refuse(loaded.error()));
    fmt::print("The accounts are in {0}/demo-accounts.txt and {0}/demo-accounts.json.\n", *data);
  });
}

void declare_load_accounts(CLI::App& program, int& status) {
  struct Options {
    std::string data;
    int count = 0;
  };
  const auto options = std::make_shared<Options>();
  auto* command = program.add_subcommand("load-accounts", "Add people for wardline-load to sign in as");
  command->add_option("--data", options->data, "The data directory")->required();
  command->add_option("--count", options->count, "How many")->required()->check(CLI::Range(1, 100'000));
  command->callback([options, &status] {
    const auto loaded = load_accounts(options->data, options->count, core::SystemClock());
    if (!loaded) return void(status = refuse(loaded.error()));
    fmt::print("The accounts are in {}/load-accounts.json.\n", options->data);
  });
}

}  // namespace

int refuse(const core::Error& error) {
  fmt::print(stderr, "wardlined: {}\n", error.detail);
  return 78;
}

void declare_preparing_commands(CLI::App& program, int& status) {
  declare_init(program, status);
  declare_add_people(program, status);
  declare_demo_data(program, status);
  declare_load_accounts(program, status);
}

}  // namespace wardline::app
