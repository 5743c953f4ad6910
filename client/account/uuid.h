// Ids (RFC 9562): new ones, which sort by the time they were made, and ones that follow from others.
#pragma once

#include <string>
#include <string_view>

namespace wardline::client {

/// Lower case. From the system's clock and generator.
std::string new_uuid();

/// The id that follows from another one and a purpose, always the same (version 8): for what is to happen
/// once for each of something.
std::string derived_id(std::string_view id, std::string_view purpose);

}  // namespace wardline::client
