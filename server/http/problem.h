// RFC 9457 problem documents: the one place where an error becomes an HTTP status.
#pragma once

#include "server/core/error.h"
#include "server/http/context.h"

namespace wardline::http {

int status_of(core::ErrorKind kind);

/// `{type: "urn:wardline:problem:<code>", title, status, detail, request_id, ...facts}`. The body of an
/// internal error says nothing of its cause: that goes into the log under the same request id.
/// `status` where HTTP has a closer one than the kind of error (405, 408, 431).
Response problem(const core::Error& error, RequestId request_id, std::optional<int> status = std::nullopt);

/// The same as JSON text, for the socket's `refused` frames.
std::string problem_json(const core::Error& error, RequestId request_id,
                         std::optional<int> status = std::nullopt);

}  // namespace wardline::http
