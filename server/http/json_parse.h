// Strict JSON parsing: RFC 8259 with duplicate names, deep nesting and invalid UTF-8 refused.
#pragma once

#include <string_view>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include "server/core/error.h"

namespace wardline::http {

/// The value lives in `memory`, which must outlive it. Errors: `invalid`, "invalid-json", with the offset of
/// what was wrong and none of the text.
core::Result<boost::json::value> parse_json(std::string_view text, boost::json::storage_ptr memory = {});

}  // namespace wardline::http
