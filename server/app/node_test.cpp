// wardlined as its administrator meets it: made, started, refused with a reason, stopped.
#include "server/app/node.h"

#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "server/app/initialise.h"
#include "server/app/people_command.h"
#include "server/net/testing/certificate.h"
#include "server/net/testing/client.h"

namespace wardline::app {
namespace {

using net::testing::Client;
namespace fs = std::filesystem;

class NodeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "wardline-node-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path initialised(const std::string& name) {
    const auto made = initialise({.data = root_ / name}, clock_);
    if (!made) throw std::runtime_error(made.error().detail);
    return root_ / name;
  }
  // As read from its file, on free ports.
  static Configuration configuration_of(const fs::path& data) {
    auto configuration = read_configuration(data / "wardline.toml");
    if (!configuration) throw std::runtime_error(configuration.error().detail);
    configuration->address = "127.0.0.1";
    configuration->port = 0;
    configuration->metrics_port = 0;
    return *configuration;
  }
  std::string refusal(const Configuration& configuration) {
    const auto node = Node::create(configuration, clock_);
    return node ? "" : std::string(node.error().code) + ": " + node.error().detail;
  }

  core::SystemClock clock_;
  fs::path root_;
};

TEST_F(NodeTest, Ops1AFreshDirectoryStartsServesAndStops) {
  auto node = Node::create(configuration_of(initialised("a")), clock_);
  ASSERT_TRUE(node) << node.error().detail;
  (*node)->start();
  Client client((*node)->port());
  EXPECT_EQ(client.get("/readyz").status, 200);
  EXPECT_EQ(client.get("/v1/conversations").status, 401);
  Client metrics((*node)->metrics_port(), {.tls = false});
  const auto text = metrics.get("/metrics").body;
  EXPECT_NE(text.find("wardline_ready 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("wardline_http_requests_total{method=\"GET\",route=\"/readyz\",status=\"2xx\"} 1\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(metrics.get("/").status, 404);
  EXPECT_EQ(client.get("/metrics").status, 404) << "metrics are for loopback only";
  (*node)->drain();
  EXPECT_FALSE(Client((*node)->port(), {.tls = false}).connected());
}

TEST_F(NodeTest, WhatOthersMustNotReadTheyCannot) {
  const auto data = initialised("a");
  const auto mode = [](const fs::path& path) { return fs::status(path).permissions() & fs::perms::all; };
  EXPECT_EQ(mode(data), fs::perms::owner_all);
  for (const char* secret : {"tls/server.key", "keys/kms.key"})
    EXPECT_EQ(mode(data / secret), fs::perms::owner_read | fs::perms::owner_write) << secret;
}

TEST_F(NodeTest, ADirectoryIsMadeOnce) {
  const auto data = initialised("a");
  const auto again = initialise({.data = data}, clock_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "already-initialised");
  EXPECT_EQ(initialise({.data = root_ / "b", .organisation = "a\"b"}, clock_).error().code, "bad-option");
  EXPECT_EQ(initialise({.data = root_ / "b", .host = "No Host"}, clock_).error().code, "bad-option");
}

TEST_F(NodeTest, RefusesADirectoryThatAnotherServerUses) {
  const auto configuration = configuration_of(initialised("a"));
  const auto first = Node::create(configuration, clock_);
  ASSERT_TRUE(first);
  EXPECT_TRUE(refusal(configuration).starts_with("data-directory-in-use: ")) << refusal(configuration);
}

TEST_F(NodeTest, RefusesAnAddressThatAnotherServerUses) {
  auto first_configuration = configuration_of(initialised("a"));
  auto first = Node::create(first_configuration, clock_);
  ASSERT_TRUE(first);
  (*first)->start();
  auto second = configuration_of(initialised("b"));
  second.port = (*first)->port();
  EXPECT_TRUE(refusal(second).starts_with("address-in-use: 127.0.0.1:")) << refusal(second);
}

TEST_F(NodeTest, Enc3RefusesTheKeyFileOfAnotherDatabase) {
  const auto a = initialised("a");
  const auto b = initialised("b");
  fs::copy_file(b / "keys/kms.key", a / "keys/kms.key", fs::copy_options::overwrite_existing);
  EXPECT_TRUE(refusal(configuration_of(a)).starts_with("wrong-kms-key: ")) << refusal(configuration_of(a));
  fs::remove(a / "keys/kms.key");
  EXPECT_TRUE(refusal(configuration_of(a)).starts_with("key-file-missing: ")) << refusal(configuration_of(a));
}

TEST_F(NodeTest, RefusesACertificateThatDoesNotBelongToTheKey) {
  const auto data = initialised("a");
  const net::testing::TestCertificate other;
  fs::copy_file(other.certificate_path(), data / "tls/server.pem", fs::copy_options::overwrite_existing);
  EXPECT_TRUE(refusal(configuration_of(data)).starts_with("tls-mismatch: "))
      << refusal(configuration_of(data));
}

TEST_F(NodeTest, RefusesAWebDirectoryWithoutAClient) {
  auto configuration = configuration_of(initialised("a"));
  configuration.web = root_;
  EXPECT_TRUE(refusal(configuration).starts_with("web-files: ")) << refusal(configuration);
}

TEST_F(NodeTest, RefusesMetricsOffLoopback) {
  auto configuration = configuration_of(initialised("a"));
  configuration.metrics_address = "0.0.0.0";
  EXPECT_TRUE(refusal(configuration).starts_with("plain-listener: ")) << refusal(configuration);
}

TEST_F(NodeTest, ServesTheWebClientWithItsContentPolicy) {
  auto configuration = configuration_of(initialised("a"));
  std::ofstream(root_ / "index.html") << "<!doctype html>";
  configuration.web = root_;
  auto node = Node::create(configuration, clock_);
  ASSERT_TRUE(node) << node.error().detail;
  (*node)->start();
  const auto page = Client((*node)->port()).get("/inbox");
  EXPECT_EQ(page.body, "<!doctype html>");
  EXPECT_TRUE(page.field("content-security-policy")
                  .starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'"))
      << page.head;
}

TEST_F(NodeTest, DemoDataIsLoadedOnceAndItsAccountsAreForTheOwnerOnly) {
  const auto data = initialised("a");
  const auto loaded = load_demo_data(data, clock_);
  ASSERT_TRUE(loaded) << loaded.error().detail;
  for (const char* file : {"demo-accounts.txt", "demo-accounts.json"}) {
    EXPECT_GT(fs::file_size(data / file), 500u);
    EXPECT_EQ(fs::status(data / file).permissions() & fs::perms::all,
              fs::perms::owner_read | fs::perms::owner_write)
        << file;
  }
  EXPECT_EQ(load_demo_data(data, clock_).error().code, "not-empty");
}

// EHR-8: "METHOD /path stage" of every operation in docs/openapi.yaml, which keeps to two and four spaces.
std::set<std::string> documented() {
  std::ifstream file(WARDLINE_SOURCE_DIR "/docs/openapi.yaml");
  std::set<std::string> operations;
  std::string path;
  std::string method;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("  /") && line.ends_with(":")) path = line.substr(2, line.size() - 3);
    if (line.starts_with("    ") && line.size() > 5 && line[4] != ' ' && line.ends_with(":"))
      method = line.substr(4, line.size() - 5);
    if (line.starts_with("      x-stage: ")) operations.insert(method + " " + path + " " + line.substr(15));
  }
  return operations;
}

TEST_F(NodeTest, Ehr8EveryRouteIsDocumentedAndEveryDocumentedCallIsARoute) {
  auto node = Node::create(configuration_of(initialised("a")), clock_);
  ASSERT_TRUE(node);
  std::set<std::string> served;
  for (const http::Route* route : (*node)->router().routes()) {
    std::string method(net::name_of(route->method));
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    static constexpr const char* stages[] = {"none", "signed_in", "device_bound"};
    served.insert(method + " " + route->pattern + " " +
                  stages[static_cast<int>(policy::info_of(route->action).stage)]);
  }
  const auto documentation = documented();
  EXPECT_GT(documentation.size(), 40u);
  for (const auto& operation : served)
    EXPECT_TRUE(documentation.contains(operation)) << "not in docs/openapi.yaml: " << operation;
  for (const auto& operation : documentation)
    EXPECT_TRUE(served.contains(operation)) << "no such route: " << operation;
}

}  // namespace
}  // namespace wardline::app
