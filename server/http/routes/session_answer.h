// What every step that gives or changes a session answers with (docs/api.md, "Session"), and its cookie.
#pragma once

#include "server/directory/directory.h"
#include "server/http/context.h"
#include "server/http/json.h"

namespace wardline::http {

/// What services are told about where a request comes from.
identity::RemoteAddress remote_address(const net::Address& peer);
/// Who asks, for the services below.
identity::Requester requester_of(const Context& context);

/// The parts of the server that these routes speak to. All outlive the router.
struct IdentityParts {
  identity::Identity& identity;
  const directory::Directory& directory;
};

/// `{session, user, device, permissions}`.
Result<json::object> session_object(const IdentityParts& parts, const identity::Session& session);

/// The same as an answer that sets the cookie. `more` is added to the object.
Result<Response> session_started(const IdentityParts& parts, const identity::StartedSession& started,
                                 json::object more = {});

/// Takes the cookie away.
Response& clear_session_cookie(Response& response);

}  // namespace wardline::http
