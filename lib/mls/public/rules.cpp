#include "lib/mls/public/rules.h"

#include <array>

namespace wardline::mls {
namespace {

struct Row {
  std::string_view name, section, text;
};

constexpr auto kRows = std::to_array<Row>({
#define WARDLINE_MLS_RULE(id, section, text) {#id, section, text},
    WARDLINE_MLS_PUBLIC_RULES(WARDLINE_MLS_RULE) WARDLINE_MLS_MEMBER_RULES(WARDLINE_MLS_RULE)
#undef WARDLINE_MLS_RULE
});

const Row& row_of(Rule rule) { return kRows[static_cast<std::size_t>(rule)]; }

}  // namespace

std::string_view name_of(Rule rule) { return row_of(rule).name; }
std::string_view section_of(Rule rule) { return row_of(rule).section; }
std::string_view text_of(Rule rule) { return row_of(rule).text; }

}  // namespace wardline::mls
