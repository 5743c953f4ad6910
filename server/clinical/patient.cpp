#include "server/clinical/patient.h"

#include <charconv>
#include <chrono>

namespace wardline::clinical {

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = -1;
    const char* first = text.data() + at;
    const auto [end, error] = std::from_chars(first, first + size, value);
    return error == std::errc() && end == first + size ? value : -1;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 1850 || year > 2199 || month < 1 || day < 1) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

bool Identifiers::are_two() const {
  const int given = (mrn ? 1 : 0) + (birth_date ? 1 : 0) + (family_name || given_name ? 1 : 0);
  return given >= 2;
}

}  // namespace wardline::clinical
