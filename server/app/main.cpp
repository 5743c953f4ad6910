// wardlined: `wardlined --data DIR` serves; its other commands prepare (preparing_commands.h).
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

#include "server/app/node.h"
#include "server/app/preparing_commands.h"
#include "server/app/wiped_heap.h"
#include "server/core/log.h"

namespace wardline::app {
namespace {

// sd_notify(3), without the library: a line to the socket that systemd names.
void notify_service_manager(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (!path || std::strlen(path) >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, std::strlen(path) + 1);
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

int run(int count, char** arguments) {
  umask(0077);  // What the server makes is for the server.
  CLI::App program{"Wardline: end-to-end encrypted clinical messaging."};
  std::string data;
  std::string file;
  program.add_option("--data", data, "The data directory, with wardline.toml in it");
  program.add_option("--config", file, "Another configuration file");
  std::string web;
  program.add_option("--web", web, "The built web client, instead of what the configuration says");

  int status = 0;
  declare_preparing_commands(program, status);
  CLI11_PARSE(program, count, arguments);

  if (!program.get_subcommands().empty()) return status;
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
