// JSON answers.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "lib/bytes/text.h"
#include "server/core/clock.h"
#include "server/core/id.h"
#include "server/net/message.h"

namespace wardline::http {

namespace json = boost::json;

/// 200, or `status`, with that value as the body. Build it with initializer lists:
/// `json_response({{"sequence", 7}, {"stored_at", at.microseconds}})`.
net::Response json_response(const json::object& value, int status = 200);
/// The same for an object that is a text already.
net::Response json_text_response(std::string text, int status = 200);

/// 204.
net::Response no_content();

template <class Tag>
json::string to_json(const core::Id<Tag>& id) {
  return json::string(id.to_string());
}
/// base64url without padding.
inline json::string to_json(ByteView bytes) { return json::string(to_base64url(bytes)); }
inline std::int64_t to_json(core::Time time) { return time.microseconds; }

}  // namespace wardline::http
