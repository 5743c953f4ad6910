// Who joins, as an organisation writes it down for `wardlined add-people` (docs/guides/operator.md).
#pragma once

#include <string_view>
#include <vector>

#include "server/directory/joining.h"

namespace wardline::app {

/// {"people": [{"username", "name", "role", "title", "service", "location", "employment"?}]}. Errors:
/// "invalid-json", "invalid-field", "bad-username", "bad-name", "username-twice"; they say which of the
/// people it is about, counted from 0 as in the field's path.
core::Result<std::vector<directory::Joiner>> parse_people(std::string_view text);

}  // namespace wardline::app
