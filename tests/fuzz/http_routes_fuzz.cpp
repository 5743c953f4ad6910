// Requests to every route of the server and frames on its sockets, by callers who are signed in, over a real
// database with a hospital in it: there is always an answer, never an internal error, and what was sent is
// not sent back in a refusal (AUD-3).
#include <filesystem>
#include <future>
#include <map>

#include "server/app/api_routes.h"
#include "server/demo/demo_data.h"
#include "server/http/gateway.h"
#include "server/http/json_parse.h"
#include "server/net/utf8.h"
#include "tests/fuzz/input.h"
#include "tests/support/test_database.h"

namespace wardline::fuzz {
namespace {

/// Tokens are one letter again and again: one with which the base64url text of 32 bytes may end. Two of them
/// are nobody's.
constexpr std::string_view kLetters = "AEIMQUYc";
std::string token_of(std::size_t caller) { return std::string(43, kLetters[caller]); }

/// Takes the token's letter for who calls.
class ByLetter final : public http::Authenticator {
 public:
  explicit ByLetter(const std::vector<policy::Subject>& callers) {
    for (std::size_t i = 0; i < callers.size(); ++i)
      callers_.emplace(identity::SessionKey::of(token_of(i)).value(), callers[i]);
  }
  core::Result<policy::Subject> authenticate(const identity::SessionKey& session,
                                             const net::Address&) override {
    if (const auto found = callers_.find(session); found != callers_.end()) return found->second;
    return core::fail(core::ErrorKind::unauthenticated, "session-ended", "Sign in again.");
  }
  std::optional<core::Result<policy::Subject>> authenticate_now(const identity::SessionKey& session,
                                                                const net::Address& peer) override {
    return authenticate(session, peer);
  }
  core::Result<void> may_attempt(const policy::Subject& subject, policy::Action action) override {
    const auto decision = policy::may_attempt(policy::built_in_policy(), subject, action);
    if (!decision.permitted()) return std::unexpected(policy::denial(decision, action));
    return {};
  }
  core::Error record_denial(const policy::Subject&, policy::Action, const net::Address&,
                            core::Error error) override {
    return error;
  }

 private:
  std::map<identity::SessionKey, policy::Subject> callers_;
};

/// What a device would read.
class DeviceEnd final : public net::Socket {
 public:
  net::SendResult send(net::MessageKind kind, net::SharedMessage message) override {
    const auto frame = http::parse_json(*message);
    FUZZ_CHECK(
        kind == net::MessageKind::text && frame && frame->is_object() && frame->as_object().contains("type"),
        "a device is sent objects that say what they are");
    return net::SendResult::queued;
  }
  void close(net::CloseCode, std::string_view) override {}
  void pause_reading() override {}
  void resume_reading() override {}
};

class Server {
 public:
  Server() {
    core::log::set_level(core::log::Level::error);
    app::BackendOptions options{.data = folder_.path() / "data",
                                .organisation = "St. Mary",
                                .relying_party = {"localhost", "St. Mary", {"https://localhost"}},
                                .log_host = "localhost",
                                .create = true};
    std::filesystem::create_directories(options.data);
    std::filesystem::permissions(options.data, std::filesystem::perms::owner_all);
    backend_ = std::move(app::Backend::open(std::move(options), clock_).value());
    FUZZ_CHECK(demo::load({backend_->identity(), backend_->directory(), backend_->patients()}).has_value(),
               "a hospital can be loaded");
    add_callers();
    app::add_api_routes(router_,
                        {.backend = *backend_,
                         .authenticator = *callers_,
                         .run_later = [this](std::function<void()> task) { workers_->run(std::move(task)); },
                         .is_ready = [] { return true; }});
    gateway_ = std::make_unique<http::Gateway>(
        http::GatewayParts{router_, *callers_, *workers_, metrics_, clock_},
        http::GatewaySettings{
            .origins = {"https://localhost"}, .per_address = {1e9, 1e9}, .per_user = {1e9, 1e9}});
    routes_ = router_.routes();
  }

  void request(Input& input) {
    const http::Route& route = *routes_[input.below(routes_.size())];
    net::Request request;
    request.method = route.method;
    request.path = path_of(route.pattern, input);
    request.query = as_text(input.take(input.below(24)));
    request.fields = {{"host", "localhost"},
                      {"origin", "https://localhost"},
                      {"content-type", std::string(route.options.content_type)}};
    request.fields.emplace_back(
        "cookie", std::string(http::kSessionCookie) + "=" + token_of(input.below(kLetters.size())));
    if (input.flag()) {
      const std::string range = "bytes" + as_text(input.take(input.below(24)));
      request.fields.emplace_back("range", range);
      request.fields.emplace_back("content-range", range);
    }
    if (std::holds_alternative<http::SocketRoute>(route.handler)) {
      talk(std::move(request), input);
    } else {
      ask(std::move(request), with_ids(as_text(input.bytes())));
    }
    clock_.advance(std::chrono::milliseconds(10));
  }

 private:
  void add_callers() {
    std::vector<policy::Subject> subjects;
    const auto all = backend_->database().read(
        [&](storage::ReadTransaction& tx) { return backend_->identity().accounts().store().all(tx); });
    FUZZ_CHECK(all.has_value(), "the hospital can be read");
    for (const auto& account : *all) {
      ids_.push_back(account.id.to_string());
      if (subjects.size() == 6) continue;
      subjects.push_back({.user = account.id,
                          .role = account.role,
                          .employment = account.employment,
                          .stage = policy::Stage::device_bound,
                          .session = core::new_id<core::SessionId>(),
                          .device = core::new_id<core::DeviceId>(),
                          .service_lines = {}});
    }
    callers_ = std::make_unique<ByLetter>(subjects);
  }

  void ask(net::Request request, const std::string& body) {
    request.body = body;
    if (std::holds_alternative<net::Refuse>(gateway_->admit(request))) return;
    std::promise<net::Response> answered;
    auto answer = answered.get_future();
    gateway_->serve(std::move(request),
                    [&](net::Response response) { answered.set_value(std::move(response)); });
    check(answer.get(), body);
  }

  /// Opens the socket and says a few things on it, one after the other.
  void talk(const net::RequestHead& head, Input& input) {
    if (std::holds_alternative<net::Refuse>(gateway_->admit(head))) return;
    std::promise<std::variant<net::OpenSocket, net::Response>> answered;
    auto answer = answered.get_future();
    gateway_->decide_socket(head, [&](auto decision) { answered.set_value(std::move(decision)); });
    const auto decision = answer.get();
    const auto* open = std::get_if<net::OpenSocket>(&decision);
    if (!open) return check(std::get<net::Response>(decision), {});
    open->handler->on_open(std::make_shared<DeviceEnd>());
    for (int frames = 0; frames < 6 && !input.at_end(); ++frames) {
      const std::string frame = with_ids(as_text(input.bytes()));
      if (net::is_utf8(frame)) open->handler->on_message(net::MessageKind::text, frame);
    }
    std::promise<void> done;  // What the frames left to the worker comes before this.
    workers_->run([&] { done.set_value(); });
    done.get_future().wait();
    open->handler->on_closed(net::CloseCode::normal);
  }

  /// "{id}" becomes an id that there is, or what the input says.
  std::string path_of(std::string_view pattern, Input& input) {
    std::string path;
    while (!pattern.empty()) {
      const std::size_t open = pattern.find('{');
      path += pattern.substr(0, open);
      if (open == std::string_view::npos) break;
      path += input.flag() ? ids_[input.below(ids_.size())] : as_text(input.take(input.below(40)));
      pattern.remove_prefix(pattern.find('}') + 1);
    }
    return path;
  }

  /// '@' and a letter in a body stand for an id that there is.
  std::string with_ids(std::string body) {
    for (std::size_t at = 0; (at = body.find('@', at)) != std::string::npos && at + 1 < body.size(); ++at) {
      const std::size_t index = static_cast<std::uint8_t>(body[at + 1]) % ids_.size();
      body.replace(at, 2, ids_[index]);
    }
    return body;
  }

  void check(const net::Response& response, const std::string& sent) {
    FUZZ_CHECK(response.status != 500, "no request makes the server fail");
    if (response.status < 400) return learn(response);
    const auto problem = http::parse_json(response.content());
    FUZZ_CHECK(problem.has_value() && problem->is_object() && problem->as_object().contains("type"),
               "a refusal is a problem document");
    // What stands in quotes in the body is somebody's words: long ones are not in a refusal by chance.
    for (std::size_t at = 0; (at = sent.find(": \"", at)) != std::string::npos; ++at) {
      const std::string value = sent.substr(at + 3, sent.find('"', at + 3) - at - 3);
      if (value.size() < 12 || value.size() > 200 || core::UserId::parse(value)) continue;
      FUZZ_CHECK(response.content().find(value) == std::string_view::npos,
                 "a refusal does not repeat what was sent");
    }
  }

  /// Ids in answers are asked for later.
  void learn(const net::Response& response) {
    const std::string_view content = response.content();
    for (std::size_t at = 0; ids_.size() < 64 && (at = content.find("id\":\"", at)) != std::string_view::npos;
         ++at) {
      const auto id = content.substr(at + 5, 36);
      if (core::UserId::parse(id) && std::ranges::find(ids_, id) == ids_.end()) ids_.emplace_back(id);
    }
  }

  core::ManualClock clock_{{1'760'000'000'000'000}};
  support::TemporaryDirectory folder_;
  std::unique_ptr<app::Backend> backend_;
  std::unique_ptr<ByLetter> callers_;
  http::Router router_;
  core::Metrics metrics_;
  std::unique_ptr<http::WorkerPool> workers_ = std::make_unique<http::WorkerPool>(1, 8);
  std::unique_ptr<http::Gateway> gateway_;
  std::vector<const http::Route*> routes_;
  std::vector<std::string> ids_;
};

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline::fuzz;
  static auto* const server = new Server;  // Never ended: libFuzzer leaves without destructors.
  Input input(data, size);
  for (int requests = 0; requests < 8 && !input.at_end(); ++requests) server->request(input);
  return 0;
}
