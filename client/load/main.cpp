// wardline-load: measures a server over TLS with real sessions, devices and MLS groups, and checks that
// nothing that was acknowledged is lost, doubled or reordered.
#include <filesystem>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "client/load/fan_out_run.h"
#include "client/load/idle_run.h"
#include "client/load/load_run.h"
#include "client/load/log_check.h"
#include "client/net/tls_trust.h"

namespace {

using namespace wardline::client;

struct Options {
  std::string url;
  std::string accounts;
  std::string certificate;
  std::string state;
  std::string record;
  std::string verify;
  LoadPlan plan;
  std::size_t idle = 0;
  std::size_t fan_out = 0;
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
  if (!stream)
    give_up(
        (file.empty() ? "say with --accounts FILE who sends." : "cannot read " + file + ".") +
        " `wardlined load-accounts --data DIR --count N` writes such a file, while the server is stopped.");
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

/// What to do about it, where the server cannot know.
std::string_view advice(std::string_view code) {
  if (code != "factor-exists") return "";
  return " Each account of --accounts serves once: write new ones, or let a run keep its devices with "
         "--state FILE.";
}

template <class T, class E>
T or_give_up(std::expected<T, E> result, std::string_view doing) {
  if (!result)
    give_up(fmt::format("{}: {} ({}){}", doing, result.error().detail, result.error().code,
                        advice(result.error().code)));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Signs in as the first accounts, and registers a device for each.
std::vector<LoadParticipant> sign_in(const Options& options, std::size_t count, const ServerUrl& url,
                                     boost::asio::ssl::context& tls) {
  auto accounts = read_accounts(options.accounts);
  if (accounts.size() < count)
    give_up("there are only " + std::to_string(accounts.size()) + " accounts for that many senders.");
  std::vector<LoadParticipant> participants;
  for (std::size_t i = 0; i < count; ++i) {
    auto https = std::make_unique<HttpsClient>(url, tls);
    auto account = or_give_up(enrol(*https, accounts[i], "load generator"), "signing in");
    participants.push_back({std::move(accounts[i]), {std::move(https), std::move(account)}, {}});
    if (!options.json) std::cerr << "\rsigned in " << i + 1 << " of " << count << std::flush;
  }
  if (!options.json) std::cerr << '\n';
  return participants;
}

/// Lets each pair of devices share one conversation.
std::vector<LoadParticipant> begin(const Options& options, const ServerUrl& url,
                                   boost::asio::ssl::context& tls) {
  auto participants = sign_in(options, options.plan.senders + options.plan.senders % 2, url, tls);
  for (std::size_t i = 0; i < participants.size(); i += 2) {
    LoadParticipant& creator = participants[i];
    LoadParticipant& other = participants[i + 1];
    or_give_up(publish_key_package(other.device), "publishing a key package");
    const LoadDevice* const others[] = {&other.device};
    creator.conversation = other.conversation =
        or_give_up(begin_conversation(creator.device, others), "creating a conversation");
  }
  return participants;
}

/// Those of an earlier run where there is a state to go on with.
std::vector<LoadParticipant> take_part(const Options& options, const ServerUrl& url,
                                       boost::asio::ssl::context& tls) {
  const bool goes_on = !options.state.empty() && std::filesystem::exists(options.state);
  auto participants = goes_on ? or_give_up(restore_participants(options.state, url, tls), "going on")
                              : begin(options, url, tls);
  if (!options.state.empty() && !save_participants(options.state, participants))
    give_up("cannot write " + options.state);
  return participants;
}

int verify(const Options& options, std::vector<LoadParticipant>& participants) {
  const auto ledger = read_ledger(options.verify);
  if (!ledger) give_up(options.verify + " is no ledger that --record has written.");
  const auto check = or_give_up(check_log(*ledger, participants), "reading the log");
  std::cout << check.to_json() << '\n';
  return check.is_good() ? 0 : 1;
}

std::vector<LoadDevice*> devices_of(std::vector<LoadParticipant>& participants) {
  std::vector<LoadDevice*> devices;
  devices.reserve(participants.size());
  for (LoadParticipant& participant : participants) devices.push_back(&participant.device);
  return devices;
}

int idle(const Options& options, const ServerUrl& url, boost::asio::ssl::context& tls) {
  auto participants = sign_in(options, options.plan.senders, url, tls);
  const auto report = run_idle({.sockets = options.idle, .server_pid = options.plan.server_pid},
                               devices_of(participants), tls);
  std::cout << report.to_json() << '\n';
  return report.sockets == options.idle ? 0 : 1;
}

/// All devices in one group, which the first begins.
int fan_out(const Options& options, const ServerUrl& url, boost::asio::ssl::context& tls) {
  auto participants = sign_in(options, options.plan.senders, url, tls);
  const auto devices = devices_of(participants);
  const std::vector<const LoadDevice*> others(devices.begin() + 1, devices.end());
  for (auto at = devices.begin() + 1; at != devices.end(); ++at)
    or_give_up(publish_key_package(**at), "publishing a key package");
  const auto group = or_give_up(begin_conversation(*devices.front(), others), "creating the group");
  const auto report = run_fan_out({.messages = options.fan_out,
                                   .message_bytes = options.plan.message_bytes,
                                   .server_pid = options.plan.server_pid},
                                  group, devices, tls);
  std::cout << report.to_json() << '\n';
  return report.messages == options.fan_out && report.out_of_order == 0 ? 0 : 1;
}

int run(const Options& options) {
  const auto url = ServerUrl::parse(options.url);
  if (!url) give_up("--url must look like https://host:port");
  const auto trust = make_tls_context(options.certificate);
  auto& tls = *trust;
  if (options.idle > 0) return idle(options, *url, tls);
  if (options.fan_out > 0) return fan_out(options, *url, tls);
  auto participants = take_part(options, *url, tls);
  if (!options.verify.empty()) return verify(options, participants);
  auto measured = run_load(options.plan, participants, tls);
  if (!measured) give_up("cannot go on with the ledger " + options.record);
  LoadReport& report = *measured;
  if (options.json) {
    std::cout << report.to_json() << '\n';
  } else {
    std::cout << report.acknowledged << " durable sends in " << report.seconds
              << " s: " << static_cast<long>(report.per_second()) << "/s, p50 " << report.percentile(0.5)
              << " us, p99 " << report.percentile(0.99) << " us, p99.9 " << report.percentile(0.999)
              << " us; lost " << report.lost << ", doubled " << report.doubled << ", reordered "
              << report.reordered << ", refused " << report.refused << '\n';
  }
  const bool cut_off = report.cut_off && options.record.empty();
  return report.acknowledged > 0 && !cut_off && report.lost + report.doubled + report.reordered == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures a Wardline server");
  app.add_option("--url", options.url, "https://host:port")->required();
  app.add_option("--accounts", options.accounts, "accounts that have not signed in yet, JSON");
  app.add_option("--ca", options.certificate,
                 "PEM certificate to believe instead of the system's authorities");
  app.add_option("--senders", options.plan.senders, "devices that send");
  app.add_option("--in-flight", options.plan.in_flight, "messages that each has under way");
  app.add_option("--seconds", options.seconds, "how long is measured");
  app.add_option("--warm-up", options.warm_up, "seconds before that");
  app.add_option("--bytes", options.plan.message_bytes, "size of a ciphertext");
  app.add_option("--rate", options.plan.rate, "sends per second in all, instead of as fast as possible");
  app.add_option("--server-pid", options.plan.server_pid, "process whose processor time is counted");
  app.add_option("--state", options.state,
                 "go on with the devices and conversations that this file keeps, or begin it; holds keys");
  app.add_option("--record", options.record, "note each acknowledged send in this file, and go on with it");
  app.add_option("--verify", options.verify,
                 "send nothing: compare what --record noted with the whole log, needs --state");
  app.add_option("--idle", options.idle,
                 "instead: open that many sockets, and ask what they cost the server in memory");
  app.add_option("--fan-out", options.fan_out,
                 "instead: that many messages, one after the other, to one group of all senders");
  app.add_flag("--json", options.json, "one JSON object on standard output");
  CLI11_PARSE(app, argc, argv);
  options.plan.record = options.record;
  options.plan.duration = std::chrono::seconds(options.seconds);
  options.plan.warm_up = std::chrono::seconds(options.warm_up);
  return run(options);
}
