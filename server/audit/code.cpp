#include "server/audit/code.h"

namespace wardline::audit {

std::optional<Code> Code::parse(std::string_view text) {
  if (!is_code(text)) return std::nullopt;
  Code code;
  code.assign(text);
  return code;
}

Code Code::from_program(std::string_view text) {
  // An entry with a poor reason is better than an action without its entry.
  return parse(text).value_or(Code("unnamed"));
}

std::optional<Code> Code::rule_of(const policy::Decision& decision) {
  if (decision.rule.empty()) return std::nullopt;
  return from_program(decision.rule);
}

}  // namespace wardline::audit
