// wardline-load: measures a server over TLS with real sessions, devices and MLS groups, and checks that
// nothing that was acknowledged is lost, doubled or reordered.
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>

#include "client/load/load_run.h"
#include "client/net/tls_trust.h"

namespace {

using namespace wardline::client;

struct Options {
  std::string url;
  std::string accounts;
  std::string certificate;
  LoadPlan plan;
  int seconds = 10;
  int warm_up = 2;
  bool json = false;
};

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "wardline-load: " << why << '\n';
  std::exit(1);
}

std::vector<Credentials> read_accounts(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) give_up("cannot read " + file + ". `wardlined load-accounts` writes such a file.");
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  boost::system::error_code bad;
  const auto json = boost::json::parse(text, bad);
  const auto* list = bad || !json.is_object() ? nullptr : json.as_object().if_contains("accounts");
  if (!list || !list->is_array()) give_up(file + " holds no accounts.");
  std::vector<Credentials> accounts;
  for (const auto& one : list->as_array()) {
    accounts.push_back({std::string(one.at("username").as_string()),
                        std::string(one.at("password").as_string()),
                        std::string(one.at("activation_code").as_string())});
  }
  return accounts;
}

template <class T>
T or_give_up(std::expected<T, HttpError> result, std::string_view doing) {
  if (!result) give_up(std::string(doing) + ": " + result.error().detail + " (" + result.error().code + ")");
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Each pair of devices shares one conversation, and both send.
std::vector<LoadSender> prepare(std::vector<LoadDevice>& devices) {
  std::vector<LoadSender> senders;
  for (std::size_t i = 0; i + 1 < devices.size(); i += 2) {
    or_give_up(publish_key_package(devices[i + 1]), "publishing a key package");
    const auto conversation =
        or_give_up(begin_conversation(devices[i], devices[i + 1]), "creating a conversation");
    senders.push_back({&devices[i], conversation});
    senders.push_back({&devices[i + 1], conversation});
  }
  return senders;
}

int run(const Options& options) {
  const auto url = ServerUrl::parse(options.url);
  if (!url) give_up("--url must look like https://host:port");
  auto tls = make_tls_context(options.certificate);
  const auto accounts = read_accounts(options.accounts);
  const std::size_t count = options.plan.senders + options.plan.senders % 2;
  if (accounts.size() < count)
    give_up("there are only " + std::to_string(accounts.size()) + " accounts for that many senders.");

  std::vector<LoadDevice> devices;
  for (std::size_t i = 0; i < count; ++i) {
    auto https = std::make_unique<HttpsClient>(*url, tls);
    auto account = or_give_up(enrol(*https, accounts[i], "load generator"), "signing in");
    devices.push_back({std::move(https), std::move(account)});
    if (!options.json) std::cerr << "\rsigned in " << i + 1 << " of " << count << std::flush;
  }
  if (!options.json) std::cerr << '\n';
  auto report = run_load(options.plan, prepare(devices), tls);
  if (options.json) {
    std::cout << report.to_json() << '\n';
  } else {
    std::cout << report.acknowledged << " durable sends in " << report.seconds
              << " s: " << static_cast<long>(report.per_second()) << "/s, p50 " << report.percentile(0.5)
              << " us, p99 " << report.percentile(0.99) << " us, p99.9 " << report.percentile(0.999)
              << " us; lost " << report.lost << ", doubled " << report.doubled << ", reordered "
              << report.reordered << ", refused " << report.refused << '\n';
  }
  return report.acknowledged > 0 && report.lost + report.doubled + report.reordered == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures a Wardline server");
  app.add_option("--url", options.url, "https://host:port")->required();
  app.add_option("--accounts", options.accounts, "accounts that have not signed in yet, JSON")->required();
  app.add_option("--ca", options.certificate,
                 "PEM certificate to believe instead of the system's authorities");
  app.add_option("--senders", options.plan.senders, "devices that send");
  app.add_option("--in-flight", options.plan.in_flight, "messages that each has under way");
  app.add_option("--seconds", options.seconds, "how long is measured");
  app.add_option("--warm-up", options.warm_up, "seconds before that");
  app.add_option("--bytes", options.plan.message_bytes, "size of a ciphertext");
  app.add_option("--rate", options.plan.rate, "sends per second in all, instead of as fast as possible");
  app.add_option("--server-pid", options.plan.server_pid, "process whose processor time is counted");
  app.add_flag("--json", options.json, "one JSON object on standard output");
  CLI11_PARSE(app, argc, argv);
  options.plan.duration = std::chrono::seconds(options.seconds);
  options.plan.warm_up = std::chrono::seconds(options.warm_up);
  return run(options);
}
