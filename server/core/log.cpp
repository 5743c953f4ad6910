#include "server/core/log.h"

#include <unistd.h>

#include <atomic>

#include <fmt/format.h>

#include "server/core/clock.h"

namespace wardline::core::log {
namespace {

std::atomic<Level> g_level{Level::info};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

}  // namespace

Field::Field(Literal name, double value) : name_(name.view()), json_(fmt::format("{:.3f}", value)) {}

std::string Field::number(long long value) { return fmt::format("{}", value); }

std::string Field::quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

void set_level(Level level) { g_level = level; }

void write(Level level, Literal event, std::initializer_list<Field> fields) {
  if (level < g_level.load()) return;
  std::string line = fmt::format(R"({{"time_us":{},"level":"{}","event":"{}")",
                                 SystemClock().now().microseconds, name_of(level), event.view());
  for (const Field& field : fields) line += fmt::format(R"(,"{}":{})", field.name(), field.json());
  line += "}\n";
  // One write call per line: lines of several threads never mix. A log that cannot be written must not stop
  // the server.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace wardline::core::log
