#include "server/storage/postgres/insert_rows.h"

#include <charconv>

namespace wardline::storage {
namespace {

constexpr std::string_view kInsert = "INSERT INTO ";
constexpr std::string_view kValues = " VALUES (";

// `tuple` with each `$n` moved on by `offset`.
void append_shifted(std::string& text, std::string_view tuple, std::size_t offset) {
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    text += tuple[i];
    if (tuple[i] != '$') continue;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(tuple.data() + i + 1, tuple.data() + tuple.size(), number);
    text += std::to_string(number + offset);
    i = static_cast<std::size_t>(end - tuple.data()) - 1;
  }
}

}  // namespace

bool inserts_one_row(Sql sql) {
  const std::string_view text = sql.view();
  const std::size_t values = text.find(kValues);
  if (!text.starts_with(kInsert) || values == std::string_view::npos || text.contains('\'')) return false;
  const std::string_view row = text.substr(values + kValues.size());
  return row.find_first_of("()") == row.size() - 1;  // One tuple of plain parameters, and the end.
}

std::string insert_of_rows(Sql sql, std::size_t rows) {
  const std::size_t begin = sql.view().find(kValues) + kValues.size() - 1;
  const std::string_view tuple = sql.view().substr(begin);
  std::string text(sql.view());
  text.reserve(begin + rows * (tuple.size() + 2 * sql.parameters()));
  for (std::size_t row = 1; row < rows; ++row) {
    text += ", ";
    append_shifted(text, tuple, row * sql.parameters());
  }
  return text;
}

}  // namespace wardline::storage
