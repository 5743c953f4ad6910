// What a connection costs: memory while idle, and round trips with the clients in another process of the same
// machine.
#include <sys/wait.h>

#include <cstdio>
#include <fstream>

#include <benchmark/benchmark.h>

#include "server/net/testing/fixture.h"

namespace wardline::net {
namespace {

using testing::Client;
using testing::ClientOptions;
using testing::RunningServer;

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  long size = 0;
  long resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Clients in a process of their own, forked while there is only one thread. They wait for the port, call
/// `work`, write its result, and end when this object goes.
class ClientProcess {
 public:
  template <class Work>
  explicit ClientProcess(Work work) {
    if (pipe(to_) != 0 || pipe(from_) != 0) std::abort();
    child_ = fork();
    if (child_ != 0) return;
    std::uint16_t port = 0;
    if (read(to_[0], &port, sizeof(port)) != sizeof(port)) _exit(1);
    close(to_[1]);
    const auto result = work(port);
    if (write(from_[1], &result, sizeof(result)) != sizeof(result)) _exit(1);
    char end = 0;
    [[maybe_unused]] const auto ended = read(to_[0], &end, 1);
    _exit(0);
  }
  double run(std::uint16_t port) {
    double result = -1;
    if (write(to_[1], &port, sizeof(port)) != sizeof(port)) return -1;
    return read(from_[0], &result, sizeof(result)) == sizeof(result) ? result : -1;
  }
  ~ClientProcess() {
    for (const int fd : {to_[0], to_[1], from_[0], from_[1]}) close(fd);
    waitpid(child_, nullptr, 0);
  }

 private:
  int to_[2];
  int from_[2];
  pid_t child_ = -1;
};

Limits roomy() {
  Limits limits;
  limits.connections = limits.connections_per_address = 50'000;
  limits.ping_after = std::chrono::minutes(10);
  return limits;
}

void IdleSockets(benchmark::State& state) {
  const auto wanted = static_cast<int>(state.range(0));
  static std::vector<std::unique_ptr<Client>> clients;
  ClientProcess process([&](std::uint16_t port) {
    const ClientOptions options{.timeout_ms = 60'000, .context = Client::new_context({})};
    double open = 0;
    for (int i = 0; i < wanted; ++i) {
      clients.push_back(std::make_unique<Client>(port, options));
      if (clients.back()->upgrade("/socket").status != 101) break;
      clients.back()->send_text("hello");
      if (clients.back()->read_frame().payload == "hello") ++open;
    }
    return open;
  });
  RunningServer running(roomy());
  {
    Client warm(running.port());
  }
  for (auto _ : state) {
    const double before = resident_bytes();
    const double open = process.run(running.port());
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const double after = resident_bytes();
    state.counters["sockets"] = open;
    state.counters["bytes_per_socket"] = (after - before) / open;
    state.counters["resident_MB"] = after / 1e6;
  }
}
BENCHMARK(IdleSockets)->Arg(1'000)->Arg(10'000)->Iterations(1)->Unit(benchmark::kSecond);

/// `connections` clients on one thread each half, one request in flight on each; gives requests per second.
template <class Trip>
double round_trips(std::uint16_t port, int connections, Trip trip, bool socket) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(4);
  std::atomic<std::int64_t> done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      std::vector<std::unique_ptr<Client>> mine;
      const ClientOptions options{.context = Client::new_context({})};
      for (int i = 0; i < connections / 2; ++i) {
        mine.push_back(std::make_unique<Client>(port, options));
        if (socket && mine.back()->upgrade("/socket").status != 101) std::abort();
      }
      std::int64_t count = 0;
      while (std::chrono::steady_clock::now() < until) {
        for (auto& client : mine) trip.send(*client);
        for (auto& client : mine) trip.receive(*client);
        count += static_cast<std::int64_t>(mine.size());
      }
      done += count;
    });
  }
  for (auto& thread : threads) thread.join();
  return static_cast<double>(done) / 4;
}

struct SocketTrip {
  std::string frame = Client::frame(0x81, std::string(300, 'x'));
  void send(Client& client) const { client.send(frame); }
  void receive(Client& client) const {
    if (client.read_frame().payload.size() != 300) std::abort();
  }
};

struct RequestTrip {
  std::string request =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "300\r\n\r\n" +
      std::string(300, 'x');
  void send(Client& client) const { client.send(request); }
  void receive(Client& client) const {
    if (client.read_answer().body.size() != 300) std::abort();
  }
};

// The server's own processor time says what a trip costs, whatever else the machine does.
void measure(benchmark::State& state, ClientProcess& process) {
  RunningServer running(roomy());
  for (auto _ : state) {
    const double before = cpu_seconds();
    const double per_second = process.run(running.port());
    state.counters["per_second"] = per_second;
    state.counters["server_us_per_trip"] = (cpu_seconds() - before) * 1e6 / (per_second * 4);
  }
}

void SocketRoundTrips(benchmark::State& state) {
  ClientProcess process([&](std::uint16_t port) { return round_trips(port, 64, SocketTrip(), true); });
  measure(state, process);
}
BENCHMARK(SocketRoundTrips)->Iterations(1)->Unit(benchmark::kSecond);

void RequestRoundTrips(benchmark::State& state) {
  ClientProcess process([&](std::uint16_t port) { return round_trips(port, 64, RequestTrip(), false); });
  measure(state, process);
}
BENCHMARK(RequestRoundTrips)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace wardline::net
