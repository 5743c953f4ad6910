// The table of routes. A route cannot be added without naming the policy action that it performs (DESIGN §6).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/context.h"
#include "server/net/server.h"
#include "server/policy/action.h"

namespace wardline::http {

/// Runs on a worker thread: may block on the database.
using Handler = std::function<Result<Response>(Context&)>;
/// Told once, from any thread, how it went.
using Reply = std::move_only_function<void(Result<Response>)>;
/// Runs on the network thread (hot path): must not block; replies when it is done. The context may be kept
/// until then.
using AsyncHandler = std::function<void(std::shared_ptr<Context>, Reply)>;
/// Runs on a worker thread; gives what will use the socket.
using SocketRoute = std::function<Result<std::unique_ptr<net::SocketHandler>>(Context&)>;

/// The stage of session that a route needs is that of its action (policy::info_of).
struct RouteOptions {
  std::size_t body_limit = 256U << 10;
  std::string_view content_type = "application/json";  ///< of the body, where there is one
};

struct Route {
  Method method;
  std::string pattern;
  policy::Action action;
  RouteOptions options;
  std::variant<Handler, AsyncHandler, SocketRoute> handler;
};

class Router {
 public:
  Router();
  ~Router();

  /// `pattern`: literal segments and `{name}` ones, e.g. "/v1/conversations/{id}/messages". Adding the same
  /// method and pattern twice, or a public action with a stage, is a bug and throws std::logic_error.
  template <policy::Action action>
  void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {}) {
    add_route({method, std::string(pattern), action, options, std::move(handler)});
  }
  template <policy::Action action>
  void add_async(Method method, std::string_view pattern, AsyncHandler handler, RouteOptions options = {}) {
    add_route({method, std::string(pattern), action, options, std::move(handler)});
  }
  template <policy::Action action>
  void add_socket(std::string_view pattern, SocketRoute handler, RouteOptions options = {}) {
    add_route({Method::get, std::string(pattern), action, options, std::move(handler)});
  }

  struct Match {
    const Route* route = nullptr;  ///< Nothing where no route has that method and path.
    PathParameters parameters;
    std::vector<Method> allowed;  ///< The methods that the path has; empty where there is no such path.
  };
  /// `path` as sent, percent-encoded.
  Match match(Method method, std::string_view path) const;

  /// Every route, in the order of adding.
  std::vector<const Route*> routes() const;

 private:
  void add_route(Route route);

  struct Node;
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> routes_;
};

/// Percent-decodes one path segment; nothing for broken escapes, NUL, "/" or what is no UTF-8.
std::optional<std::string> decode_segment(std::string_view segment);

}  // namespace wardline::http
