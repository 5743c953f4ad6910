// What a route's handler is given: the request, its path parameters, and who asks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/core/error.h"
#include "server/core/id.h"
#include "server/http/authenticator.h"
#include "server/net/message.h"

namespace wardline::http {

using core::ErrorKind;
using core::fail;
using core::Result;
using net::Method;
using net::Request;
using net::Response;

using RequestId = core::Id<struct RequestTag>;
using PathParameters = std::vector<std::pair<std::string, std::string>>;

/// The value of a request cookie; nothing where it is absent or sent twice.
std::optional<std::string_view> cookie(const net::RequestHead& head, std::string_view name);

/// What the session cookie stands for; nothing where there is none that can be one.
std::optional<identity::SessionKey> session_key(const net::RequestHead& head);

class Context {
 public:
  Context(net::Request request, PathParameters parameters, policy::Action action, RequestId request_id,
          std::optional<policy::Subject> subject)
      : request_(std::move(request)),
        parameters_(std::move(parameters)),
        action_(action),
        request_id_(request_id),
        subject_(std::move(subject)) {}

  const net::Request& request() const { return request_; }
  const net::Address& peer() const { return request_.peer; }
  policy::Action action() const { return action_; }
  /// Goes into the audit entry and the log, so that both can be put together with what the user saw.
  RequestId request_id() const { return request_id_; }

  /// The caller. There is one, at the stage of the action or beyond, on every route whose action is not
  /// anonymous.
  const policy::Subject& subject() const { return subject_.value(); }
  /// The caller's device. To be asked only where the action's stage is `device_bound`.
  core::DeviceId device() const { return subject_.value().device.value(); }
  /// The caller's session, for asking about it again. There is one wherever there is a caller.
  identity::SessionKey session_key() const { return http::session_key(request_).value(); }

  /// A path parameter, decoded. The route's pattern has it, or this is a bug.
  std::string_view parameter(std::string_view name) const;

  /// A path parameter as an id. Errors: `not_found` for anything that is no UUID.
  template <class SomeId>
  Result<SomeId> id(std::string_view name) const {
    if (auto id = SomeId::parse(parameter(name))) return *id;
    return fail(ErrorKind::not_found, "not-found", "There is nothing at this address.");
  }

  /// A parameter of the query as a number. Errors: `invalid` when it is absent, no number, or outside
  /// [least, most].
  Result<std::int64_t> query_integer(std::string_view name, std::int64_t least, std::int64_t most) const;
  /// The same for one that may be left out.
  Result<std::int64_t> query_integer_or(std::int64_t fallback, std::string_view name, std::int64_t least,
                                        std::int64_t most) const;

 private:
  Result<std::optional<std::int64_t>> find_query_integer(std::string_view name, std::int64_t least,
                                                         std::int64_t most) const;

  net::Request request_;
  PathParameters parameters_;
  policy::Action action_;
  RequestId request_id_;
  std::optional<policy::Subject> subject_;
};

}  // namespace wardline::http
