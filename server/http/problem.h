// RFC 9457 problem documents: the one place where an error becomes an HTTP status.
#pragma once

#include "server/core/error.h"
#include "server/http/context.h"

namespace wardline::http {

int status_of(core::ErrorKind kind);

/// `{type: "urn:wardline:problem:<code>", title, status, detail, request_id, ...facts}`. The body of an
/// internal error says nothing of its cause: that goes into the log under the same request id.
Response problem(const core::Error& error, RequestId request_id);

/// The same as JSON text, for the socket's `refused` frames.
std::string problem_json(const core::Error& error, RequestId request_id);

}  // namespace wardline::http
