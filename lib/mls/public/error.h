// What goes wrong in MLS: always a rule that was broken.
#pragma once

#include <expected>

#include "lib/mls/public/rules.h"

namespace wardline::mls {

struct Error {
  Rule rule;
  bool operator==(const Error&) const = default;
};

inline std::string_view name_of(Error error) { return name_of(error.rule); }

template <class T>
using Result = std::expected<T, Error>;

/// `return broken(Rule::x);` from a function that gives any Result.
inline std::unexpected<Error> broken(Rule rule) { return std::unexpected(Error{rule}); }

/// Success, or the rule that `holds` stands for.
inline Result<void> require(bool holds, Rule rule) {
  if (holds) return {};
  return broken(rule);
}

}  // namespace wardline::mls

/// Returns the error of a Result out of the function around it.
#define WARDLINE_MLS_TRY(expression) \
  if (auto tried = (expression); !tried) return std::unexpected(tried.error())
