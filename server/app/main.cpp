// wardlined: `wardlined --data DIR` serves, `wardlined init --data DIR` prepares.
#include <malloc.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "server/app/initialise.h"
#include "server/app/node.h"
#include "server/app/people_command.h"
#include "server/app/wiped_heap.h"
#include "server/core/log.h"

namespace wardline::app {
namespace {

// What goes wrong at start is for a person at a terminal or in the journal: one plain line, and a status that
// a service manager does not try again for (EX_CONFIG), because it would not help.
int refuse(const core::Error& error) {
  fmt::print(stderr, "wardlined: {}\n", error.detail);
  return 78;
}

// sd_notify(3), without the library: a line to the socket that systemd names.
void notify_service_manager(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (!path || std::strlen(path) >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
  ::close(fd);
}

void take_what_the_system_gives() {
  // A soft limit of 1,024 descriptors is for programs that use select(2).
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
  }
  // Large blocks go back to the system when they are freed. Left alone, glibc learns from the first password
  // hash (19 MB) to keep such blocks, one set for each thread.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

int serve(const Configuration& configuration) {
  take_what_the_system_gives();
  // Before any thread exists, so that all inherit it: signals are waited for in one place.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  core::log::set_level(configuration.log_level);
  const core::SystemClock clock;
  auto node = Node::create(configuration, clock);
  if (!node) return refuse(node.error());
  (*node)->start();
  fmt::print("wardlined is ready: {} (port {})\n", configuration.origin, (*node)->port());
  std::fflush(stdout);
  notify_service_manager("READY=1");

  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    if (signal == SIGHUP) {
      (*node)->reload_certificate();
      continue;
    }
    core::log::info("stopping", {{"signal", signal}});
    notify_service_manager("STOPPING=1");
    // A second signal means it: the default action ends the process at once, which loses nothing
    // acknowledged.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    break;
  }
  (*node)->drain();
  node->reset();
  core::log::info("stopped");
  return 0;
}

int add_all(const AddPeopleOptions& joiners) {
  const core::SystemClock clock;
  const bool watched = isatty(STDERR_FILENO) != 0;
  const auto added = add_people(joiners, clock, [&](std::size_t done, std::size_t all) {
    if (watched) fmt::print(stderr, "\rMaking passwords: {} of {}{}", done, all, done == all ? "\n" : "");
  });
  if (!added) return refuse(added.error());
  fmt::print("Added {}. What each needs to sign in the first time is in {}: hand it over, then delete it.\n",
             *added, joiners.accounts.string());
  return 0;
}

int run(int count, char** arguments) {
  umask(0077);  // What the server makes is for the server.
  CLI::App program{"Wardline: end-to-end encrypted clinical messaging."};
  std::string data;
  std::string file;
  program.add_option("--data", data, "The data directory, with wardline.toml in it");
  program.add_option("--config", file, "Another configuration file");
  std::string web;
  program.add_option("--web", web, "The built web client, instead of what the configuration says");

  InitialiseOptions initial;
  auto* init =
      program.add_subcommand("init", "Make a data directory: keys, database, TLS certificate, wardline.toml");
  init->add_option("--data", initial.data, "Where to make it")->required();
  init->add_option("--organisation", initial.organisation, "The name of your organisation");
  init->add_option("--host", initial.host, "The name or address under which people reach the server");
  init->add_option("--port", initial.port, "The port to listen on");

  AddPeopleOptions joiners;
  auto* add = program.add_subcommand(
      "add-people", "Add people to a server that does not run: accounts, and their place in the directory");
  add->add_option("--data", joiners.data, "The data directory")->required();
  add->add_option("--from", joiners.from, "Who: JSON, as docs/guides/administrator.md has it")->required();
  add->add_option("--accounts", joiners.accounts, "A new file for their passwords and activation codes")
      ->required();
  std::string demo;
  auto* demo_data =
      program.add_subcommand("demo-data", "Fill a fresh data directory with a synthetic hospital");
  demo_data->add_option("--data", demo, "The data directory")->required();
  std::string load;
  int people = 0;
  auto* load_people = program.add_subcommand("load-accounts", "Add people for wardline-load to sign in as");
  load_people->add_option("--data", load, "The data directory")->required();
  load_people->add_option("--count", people, "How many")->required()->check(CLI::Range(1, 100'000));
  CLI11_PARSE(program, count, arguments);

  if (init->parsed()) {
    const core::SystemClock clock;
    if (const auto made = initialise(initial, clock); !made) return refuse(made.error());
    fmt::print("{} is ready. Next: wardlined --data {}\n", initial.data.string(), initial.data.string());
    return 0;
  }
  if (add->parsed()) return add_all(joiners);
  if (demo_data->parsed()) {
    const core::SystemClock clock;
    if (const auto loaded = load_demo_data(demo, clock); !loaded) return refuse(loaded.error());
    fmt::print("The accounts are in {0}/demo-accounts.txt and {0}/demo-accounts.json.\n", demo);
    return 0;
  }
  if (load_people->parsed()) {
    const core::SystemClock clock;
    if (const auto loaded = load_accounts(load, people, clock); !loaded) return refuse(loaded.error());
    fmt::print("The accounts are in {}/load-accounts.json.\n", load);
    return 0;
  }
  if (data.empty() && file.empty()) {
    fmt::print(stderr,
               "wardlined: say --data DIR, or --config FILE. A new data directory is made by wardlined init "
               "--data DIR.\n");
    return 64;
  }
  auto configuration = read_configuration(
      file.empty() ? std::filesystem::path(data) / "wardline.toml" : std::filesystem::path(file),
      data.empty() ? std::filesystem::path() : std::filesystem::absolute(data));
  if (!configuration) return refuse(configuration.error());
  if (!web.empty()) configuration->web = web;
  return serve(*configuration);
}

}  // namespace
}  // namespace wardline::app

int main(int count, char** arguments) {
  wardline::app::use_wiped_heap();
  try {
    return wardline::app::run(count, arguments);
  } catch (const std::exception& exception) {
    fmt::print(stderr, "wardlined: a bug, please report it: {}\n", exception.what());
    return 70;
  }
}
