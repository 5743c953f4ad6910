// The header fields that tell browsers to keep their guard up; on every answer, put together once.
#pragma once

#include <string_view>

namespace wardline::http {

/// For API answers: nothing in them is a document, so nothing may be loaded from one.
std::string_view api_security_fields();
/// For the web client's files.
std::string_view web_security_fields();

}  // namespace wardline::http
