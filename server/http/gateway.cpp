#include "server/http/gateway.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "server/core/log.h"
#include "server/http/problem.h"
#include "server/http/security_headers.h"

namespace wardline::http {
namespace {

using net::RequestHead;
using SteadyClock = std::chrono::steady_clock;

bool changes_state(Method method) {
  return method != Method::get && method != Method::head && method != Method::options;
}

bool is_api(std::string_view path) {
  return path.starts_with("/v1/") || path == "/v1" || path == "/healthz" || path == "/readyz";
}

bool has_body_of_type(const RequestHead& head, std::string_view wanted) {
  const auto type = head.field("content-type").value_or("");
  return type == wanted || (type.starts_with(wanted) && type.substr(wanted.size()).starts_with(';'));
}

core::Error too_often(std::chrono::milliseconds wait) {
  return {ErrorKind::rate_limited,
          "rate-limited",
          "Too many requests. Wait a moment and try again.",
          {{"retry_after_seconds", (wait.count() + 999) / 1000}}};
}

core::Error overloaded() {
  return {ErrorKind::unavailable,
          "overloaded",
          "The server has more to do than it can. Try again in a moment.",
          {{"retry_after_seconds", 1}}};
}

core::Error no_session() { return {ErrorKind::unauthenticated, "no-session", "Sign in first.", {}}; }

}  // namespace

/// What is counted for each route.
struct Gateway::RouteMetrics {
  RouteMetrics(core::Metrics& metrics, const std::string& method, const std::string& pattern)
      : duration(metrics.duration("wardline_http_request_seconds", "Time from a whole request to its answer.",
                                  {{"method", method}, {"route", pattern}})) {
    static constexpr std::string_view classes[] = {"2xx", "3xx", "4xx", "5xx"};
    for (std::size_t i = 0; i < 4; ++i)
      answers[i] =
          &metrics.counter("wardline_http_requests_total", "Requests by route and class of status.",
                           {{"method", method}, {"route", pattern}, {"status", std::string(classes[i])}});
  }
  void count(int status) { answers[static_cast<std::size_t>(std::clamp(status / 100, 2, 5) - 2)]->add(); }

  std::array<core::Counter*, 4> answers{};
  core::DurationHistogram& duration;
};

/// One request on its way through.
struct Gateway::Call {
  Request request;
  PathParameters parameters;
  const Route* route = nullptr;
  net::Respond respond;
  RequestId id = core::new_id<RequestId>();
  SteadyClock::time_point begun = SteadyClock::now();

  Context context(std::optional<policy::Subject> subject) {
    return Context(std::move(request), std::move(parameters), route->action, id, std::move(subject));
  }
};

Gateway::Gateway(const GatewayParts& parts, GatewaySettings settings)
    : parts_(parts),
      origins_(std::move(settings.origins)),
      addresses_(settings.per_address, settings.most_tracked, parts.clock),
      users_(settings.per_user, settings.most_tracked, parts.clock),
      other_metrics_(std::make_unique<RouteMetrics>(parts.metrics, "any", "other")) {
  for (const Route* route : parts.router.routes())
    route_metrics_.emplace_back(
        route, std::make_unique<RouteMetrics>(parts.metrics, std::string(net::name_of(route->method)),
                                              route->pattern));
  std::ranges::sort(route_metrics_, {}, [](const auto& entry) { return entry.first; });
}

Gateway::~Gateway() = default;

Gateway::RouteMetrics& Gateway::metrics_of(const Route* route) {
  const auto found =
      std::ranges::lower_bound(route_metrics_, route, {}, [](const auto& entry) { return entry.first; });
  return found != route_metrics_.end() && found->first == route ? *found->second : *other_metrics_;
}

Response Gateway::refusal(const core::Error& error, std::optional<int> status) {
  Response response = problem(error, core::new_id<RequestId>(), status);
  response.constant_fields = api_security_fields();
  other_metrics_->count(response.status);
  return response;
}

// RFC 9110 §15.5.6: says which methods the address does have.
Response Gateway::not_found(const Router::Match& match) {
  if (match.allowed.empty())
    return refusal({ErrorKind::not_found, "not-found", "There is nothing at this address.", {}});
  std::string methods;
  for (const Method method : match.allowed)
    methods += (methods.empty() ? "" : ", ") + std::string(net::name_of(method));
  Response response =
      refusal({ErrorKind::invalid, "method-not-allowed", "This address takes " + methods + ".", {}}, 405);
  return std::move(response.set("allow", methods));
}

// Everything that can be said from the header alone, cheapest first, before any of the body is read.
Result<void> Gateway::check(const RequestHead& head, const Router::Match& match) {
  const bool is_socket_route = std::holds_alternative<SocketRoute>(match.route->handler);
  if (is_socket_route != head.wants_websocket)
    return fail(ErrorKind::invalid, "websocket-expected",
                is_socket_route ? "This address takes WebSocket connections only."
                                : "This address takes no WebSocket connections.");
  if (changes_state(head.method) || is_socket_route)
    if (auto ours = origins_.check(head); !ours) return ours;
  // A form of another site cannot send these types without asking first (CSRF once more).
  const std::string_view type = match.route->options.content_type;
  if (changes_state(head.method) && head.method != Method::del && !has_body_of_type(head, type))
    return fail(ErrorKind::invalid, "content-type", fmt::format("Send the body as {}.", type));
  return check_session_early(head, *match.route);
}

// Nobody gets to make the server read megabytes without a session.
Result<void> Gateway::check_session_early(const RequestHead& head, const Route& route) {
  if (policy::info_of(route.action).stage == policy::Stage::none) return {};
  const auto session = session_key(head);
  if (!session) return std::unexpected(no_session());
  if (const auto known = parts_.authenticator.authenticate_now(*session, head.peer); known && !*known)
    return std::unexpected(known->error());
  return {};
}

net::Admission Gateway::admit(const RequestHead& head) {
  if (const auto wait = addresses_.take(head.peer.network())) return net::Refuse{refusal(too_often(*wait))};
  if (!is_api(head.path)) return net::ReadBody{.limit = 0};
  const auto match = parts_.router.match(head.method, head.path);
  if (!match.route) return net::Refuse{not_found(match)};
  if (const auto good = check(head, match); !good) return net::Refuse{refusal(good.error())};
  if (head.wants_websocket) return net::DecideSocket{};
  return net::ReadBody{.limit = match.route->options.body_limit};
}

void Gateway::serve(Request request, net::Respond respond) {
  if (!is_api(request.path)) {
    if (parts_.web) return respond(parts_.web->serve(request));
    return respond(refusal({ErrorKind::not_found, "not-found", "There is nothing at this address.", {}}));
  }
  auto match = parts_.router.match(request.method, request.path);
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->parameters = std::move(match.parameters);
  call->route = match.route;
  call->respond = std::move(respond);
  if (const auto* handler = std::get_if<Handler>(&match.route->handler)) return run_handler(*handler, call);
  run_async(std::get<AsyncHandler>(match.route->handler), call);
}

Result<policy::Subject> Gateway::admit_subject(Result<policy::Subject> subject, const RequestHead& head,
                                               const Route& route) {
  if (!subject) return subject;
  if (const auto wait = users_.take(subject->user)) return std::unexpected(too_often(*wait));
  if (auto may = parts_.authenticator.may_attempt(*subject, route.action); !may)
    return std::unexpected(
        parts_.authenticator.record_denial(*subject, route.action, head.peer, std::move(may.error())));
  return subject;
}

Result<std::optional<policy::Subject>> Gateway::identify(const RequestHead& head, const Route& route) {
  if (policy::info_of(route.action).stage == policy::Stage::none) return std::nullopt;
  const auto session = session_key(head);
  if (!session) return std::unexpected(no_session());
  auto subject = admit_subject(parts_.authenticator.authenticate(*session, head.peer), head, route);
  if (!subject) return std::unexpected(subject.error());
  return std::optional(std::move(*subject));
}

void Gateway::run_handler(const Handler& handler, const CallPtr& call) {
  WorkerPool::Task task = [this, &handler, call] {
    try {
      auto subject = identify(call->request, *call->route);
      if (!subject) return finish(*call, std::unexpected(subject.error()));
      Context context = call->context(std::move(*subject));
      finish(*call, handler(context));
    } catch (const std::exception& exception) {
      finish(*call, fail(ErrorKind::internal, "handler-threw", exception.what()));
    }
  };
  if (!parts_.workers.try_run(task)) finish(*call, std::unexpected(overloaded()));
}

// The hot path: a session that is in memory, a role that may, and the handler runs on the network thread.
// Whatever has to block is done on a worker first.
void Gateway::run_async(const AsyncHandler& handler, const CallPtr& call) {
  const auto& action = policy::info_of(call->route->action);
  if (action.stage == policy::Stage::none) return start_async(handler, call, std::nullopt);
  const auto session = session_key(call->request);
  const auto known =
      session ? parts_.authenticator.authenticate_now(*session, call->request.peer) : std::nullopt;
  if (known && *known && parts_.authenticator.may_attempt(**known, action.action)) {
    if (const auto wait = users_.take((*known)->user))
      return finish(*call, std::unexpected(too_often(*wait)));
    return start_async(handler, call, **known);
  }
  WorkerPool::Task task = [this, &handler, call] {
    auto subject = identify(call->request, *call->route);
    if (!subject) return finish(*call, std::unexpected(subject.error()));
    start_async(handler, call, std::move(*subject));
  };
  if (!parts_.workers.try_run(task)) finish(*call, std::unexpected(overloaded()));
}

void Gateway::start_async(const AsyncHandler& handler, const CallPtr& call,
                          std::optional<policy::Subject> subject) {
  auto context = std::make_shared<Context>(call->context(std::move(subject)));
  try {
    handler(std::move(context), [this, call](Result<Response> result) { finish(*call, std::move(result)); });
  } catch (const std::exception& exception) {
    finish(*call, fail(ErrorKind::internal, "handler-threw", exception.what()));
  }
}

void Gateway::finish(Call& call, Result<Response> result) {
  if (!call.respond) return;  // Answered, and then it threw.
  Response response = result ? std::move(*result) : problem(result.error(), call.id);
  response.constant_fields = api_security_fields();
  response.set("x-request-id", call.id.to_string());
  auto& metrics = metrics_of(call.route);
  metrics.count(response.status);
  metrics.duration.observe(SteadyClock::now() - call.begun);
  std::exchange(call.respond, nullptr)(std::move(response));
}

Result<std::unique_ptr<net::SocketHandler>> Gateway::open_socket(RequestHead head, RequestId id) {
  auto match = parts_.router.match(head.method, head.path);
  auto subject = identify(head, *match.route);
  if (!subject) return std::unexpected(subject.error());
  Context context(Request{std::move(head), {}}, std::move(match.parameters), match.route->action, id,
                  std::move(*subject));
  try {
    return std::get<SocketRoute>(match.route->handler)(context);
  } catch (const std::exception& exception) {
    return fail(ErrorKind::internal, "handler-threw", exception.what());
  }
}

void Gateway::decide_socket(RequestHead head, net::AnswerUpgrade answer) {
  // Shared: the answer is needed here as well if the task is not taken.
  const auto shared = std::make_shared<net::AnswerUpgrade>(std::move(answer));
  WorkerPool::Task task = [this, shared, asked = std::move(head)]() mutable {
    auto handler = open_socket(std::move(asked), core::new_id<RequestId>());
    if (handler)
      (*shared)(net::OpenSocket{.handler = std::move(*handler), .protocol = {}});
    else
      (*shared)(refusal(handler.error()));
  };
  if (!parts_.workers.try_run(task)) (*shared)(refusal(overloaded()));
}

Response Gateway::explain(net::Fault fault) {
  struct Explanation {
    int status;
    ErrorKind kind;
    std::string_view code;
    std::string_view detail;
  };
  static constexpr Explanation explanations[] = {
      {400, ErrorKind::invalid, "malformed-request",
       "This is no HTTP/1.1 request that can be understood without doubt."},
      {408, ErrorKind::invalid, "request-timeout", "The request took too long to arrive. Send it again."},
      {413, ErrorKind::too_large, "body-too-large", "The body is larger than this call takes."},
      {426, ErrorKind::invalid, "upgrade-required", "WebSocket version 13 (RFC 6455) is spoken here."},
      {431, ErrorKind::too_large, "header-too-large",
       "The header is larger than 16 KB, or has more than 100 fields."},
      {500, ErrorKind::internal, "no-answer", "A handler went away without an answer."},
      {501, ErrorKind::invalid, "unknown-method", "This method is not known here."},
      {503, ErrorKind::unavailable, "overloaded",
       "The server has more to do than it can. Try again in a moment."},
      {505, ErrorKind::invalid, "unknown-version", "HTTP/1.1 is spoken here."}};
  const auto& explanation = explanations[static_cast<std::size_t>(fault)];
  return refusal({explanation.kind, explanation.code, std::string(explanation.detail), {}},
                 explanation.status);
}

}  // namespace wardline::http
