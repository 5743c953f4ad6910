// A real server in this process, filled with the demonstration hospital, and people with profiles of their
// own.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "client/account/totp.h"
#include "client/messaging/client.h"
#include "server/app/initialise.h"
#include "server/app/node.h"
#include "server/app/people_command.h"
#include "server/audit/log_keys.h"
#include "server/storage/keys/file_kms.h"

namespace wardline::client::testing {

namespace fs = std::filesystem;

struct Account {
  std::string password;
  std::string activation_code;
};

class Hospital {
 public:
  Hospital() {
    std::string pattern = (fs::temp_directory_path() / "wardline-client-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    must(app::initialise({.data = root_ / "data"}, clock_));
    must(app::load_demo_data(root_ / "data", clock_));
    std::ifstream file(root_ / "data/demo-accounts.json");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    for (const auto& each : boost::json::parse(text).at("accounts").as_array()) {
      const auto& one = each.as_object();
      accounts_[std::string(one.at("username").as_string())] = {
          std::string(one.at("password").as_string()), std::string(one.at("activation_code").as_string())};
    }
    start();
  }
  ~Hospital() {
    stop();
    fs::remove_all(root_);
  }
  Hospital(const Hospital&) = delete;
  Hospital& operator=(const Hospital&) = delete;

  /// The same port again, so that profiles find it.
  void start() {
    auto configuration = must(app::read_configuration(root_ / "data/wardline.toml"));
    configuration.address = "127.0.0.1";
    configuration.port = listens_;
    configuration.origin = url();
    configuration.metrics_port = 0;
    node_ = must(app::Node::create(configuration, clock_));
    node_->start();
  }
  void stop() {
    if (node_) node_->drain();
    node_.reset();
  }

  /// Leaves the port that everybody knows to a line that passes on to the port which this gives.
  std::uint16_t move_behind_a_line() {
    stop();
    listens_ = free_port();
    start();
    return listens_;
  }

  /// What a taken-over server does behind its clients' backs. While it runs.
  void tamper(storage::Sql sql) {
    must(node_->backend().database().write([&](storage::Transaction& tx) -> core::Result<void> {
      tx.execute(sql);
      return {};
    }));
  }
  std::int64_t count(storage::Sql sql) {
    return must(
        node_->backend().database().read([&](storage::ReadTransaction& tx) -> core::Result<std::int64_t> {
          return tx.query(sql).front().get<std::int64_t>(0);
        }));
  }
  /// The key that signs the device log, and its checkpoints' origin.
  merkle::NoteSigner device_log_key() {
    auto kms = must(storage::FileKms::open(root_ / "data/keys/kms.key"));
    return must(audit::load_log_key(node_->backend().database(), *kms, audit::kDeviceLog,
                                    "localhost" + std::string(audit::kDeviceLog.origin)));
  }

  /// A backup of all data, and back to one. While the server is stopped.
  void save(const std::string& name) const {
    fs::copy(root_ / "data", root_ / name, fs::copy_options::recursive);
  }
  void restore(const std::string& name) const {
    fs::remove_all(root_ / "data");
    fs::rename(root_ / name, root_ / "data");
  }

  const Account& account(const std::string& name) const { return accounts_.at(name); }
  fs::path profile(const std::string& name) const { return root_ / name; }
  /// Anywhere among what this hospital keeps, and takes with it.
  fs::path place(const std::string& name) const { return root_ / name; }
  fs::path certificate() const { return root_ / "data/tls/server.pem"; }
  std::uint16_t port() const { return port_; }
  std::string url() const { return "https://localhost:" + std::to_string(port_); }

 private:
  template <class T>
  static T must(core::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  /// A port that nobody listens on: the server has to know its own address before it starts.
  static std::uint16_t free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool found = ::bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(probe);
    if (!found) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
  }

  core::SystemClock clock_;
  fs::path root_;
  std::map<std::string, Account> accounts_;
  const std::uint16_t port_ = free_port();  ///< that clients use
  std::uint16_t listens_ = port_;
  std::unique_ptr<app::Node> node_;
};

/// A person at a program of their own. `device` names the profile: the same person may have several.
class Seat {
 public:
  Seat(Hospital& hospital, std::string username, std::string totp = {}, const std::string& device = {})
      : hospital_(hospital),
        username_(std::move(username)),
        totp_(std::move(totp)),
        device_(username_ + device) {
    if (!totp_.empty()) codes_ = 1;  // The code of this half minute has been used by the first device.
    open_access();
    const auto who = access->sign_in(secrets());
    if (!who) throw std::runtime_error(who.error().code + ": " + who.error().detail);
    open_client();
  }

  void open_access() {
    auto opened = Access::open({.profile = hospital_.profile(device_),
                                .server = hospital_.url(),
                                .server_certificate = hospital_.certificate()});
    if (!opened) throw std::runtime_error(opened.error().code);
    access = std::move(*opened);
  }
  void open_client() {
    auto opened = Client::open(*access);
    if (!opened) throw std::runtime_error(opened.error().code);
    client = std::move(*opened);
    sync();
  }
  /// As after a crash: nothing but what is on disk.
  void crash() {
    client.reset();
    access.reset();
    open_access();
  }
  void sync() const {
    const auto synced = client->sync();
    ASSERT_TRUE(synced) << synced.error().code << ": " << synced.error().detail;
  }
  std::vector<std::string> texts(const std::string& conversation) const {
    std::vector<std::string> texts;
    for (const Message& each : *client->messages(conversation)) {
      if (each.body == BodyKind::content) texts.push_back(each.content.text);
      if (each.body == BodyKind::gap) texts.emplace_back("<gap>");
      if (each.body == BodyKind::unreadable)
        texts.push_back("<" + std::string(name_of(each.unreadable)) + ">");
    }
    return texts;
  }
  Outcome<Sent> send(const std::string& conversation, std::string text, std::string id = {}) const {
    return client->send(
        {.conversation_id = conversation, .content = {.text = std::move(text)}, .id = std::move(id)});
  }
  /// Follows the device log until it has that many entries: it is written about once a second.
  std::uint64_t follow(std::uint64_t size) const {
    for (int look = 0; look < 100; ++look) {
      EXPECT_TRUE(client->device_log().check());
      const auto seen = client->device_log().to_tell(0);
      if (seen && seen->size >= size) return seen->size;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return 0;
  }
  const std::string& user_id() const { return client->me().user_id; }
  const std::string& totp() const { return totp_; }

  std::unique_ptr<Access> access;
  std::unique_ptr<Client> client;

  Secrets secrets() {
    const auto& account = hospital_.account(username_);
    const auto secret = [](const std::string& text) {
      return [text]() -> Outcome<SecretBytes> { return SecretBytes(as_bytes(text)); };
    };
    return {.username = username_,
            .password = secret(account.password),
            // The server takes the code of the half minute after its own: a second device need not wait.
            .one_time_code = [this]() -> Outcome<SecretBytes> {
              const auto code = totp_code(totp_, now_microseconds() / 1'000'000 + 30 * codes_++);
              return SecretBytes(as_bytes(*code));
            },
            .activation_code = secret(account.activation_code),
            .keep_one_time_secret = [this](const OneTimeSecret& made) -> Outcome<void> {
              totp_ = made.base32;
              return {};
            }};
  }
  int codes_ = 0;

 private:
  Hospital& hospital_;
  std::string username_;
  std::string totp_;
  std::string device_;
};

using Texts = std::vector<std::string>;

/// What tells the people of these tests apart, checked.
inline const Confirmations kEverybody{.people = {{"Samuel Price", "Registered nurse"},
                                                 {"Grace Okafor", "Charge nurse"},
                                                 {"Kwame Mensah", "Locum physician"},
                                                 {"Ruth Cohen", "Attending physician"}},
                                      .cross_service = true};

class HospitalTest : public ::testing::Test {
 protected:
  /// A conversation that all of them are in.
  static std::string begin(const Seat& by, const std::vector<const Seat*>& others,
                           std::optional<ConversationKind> kind = {}) {
    StartRequest request{.user_ids = {}, .kind = kind};
    for (const Seat* each : others) request.user_ids.push_back(each->user_id());
    request.confirmed = kEverybody;
    const auto id = by.client->start(request);
    if (!id) throw std::runtime_error(id.error().code + ": " + id.error().detail);
    for (const Seat* each : others) each->sync();
    return *id;
  }

  Hospital hospital_;
};

}  // namespace wardline::client::testing
