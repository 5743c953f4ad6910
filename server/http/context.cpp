#include "server/http/context.h"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

namespace wardline::http {

std::string_view Context::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters_)
    if (key == name) return value;
  throw std::logic_error("the route's pattern has no such parameter");
}

namespace {

std::unexpected<core::Error> invalid_query(std::string_view name, std::int64_t least, std::int64_t most) {
  return fail(
      ErrorKind::invalid, "invalid-query",
      fmt::format("The query parameter '{}' must be one whole number from {} to {}.", name, least, most));
}

}  // namespace

Result<std::int64_t> Context::query_integer(std::string_view name, std::int64_t least,
                                            std::int64_t most) const {
  const auto found = find_query_integer(name, least, most);
  if (!found) return std::unexpected(found.error());
  if (!*found) return invalid_query(name, least, most);
  return **found;
}

Result<std::int64_t> Context::query_integer_or(std::int64_t fallback, std::string_view name,
                                               std::int64_t least, std::int64_t most) const {
  const auto found = find_query_integer(name, least, most);
  if (!found) return std::unexpected(found.error());
  return found->value_or(fallback);
}

Result<std::optional<std::int64_t>> Context::find_query_integer(std::string_view name, std::int64_t least,
                                                                std::int64_t most) const {
  std::string_view rest = request_.query;
  std::optional<std::int64_t> found;
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    const auto digits = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool good =
        error == std::errc() && end == digits.data() + digits.size() && value >= least && value <= most;
    // Of two with one name another reader may take the other.
    if (good && !found) {
      found = value;
      continue;
    }
    return invalid_query(name, least, most);
  }
  return found;
}

// RFC 6265 §5.4. Of two cookies with the same name neither can be trusted: the prefix __Host- rules that out
// in browsers, so whoever sends two is no browser of ours.
std::optional<std::string_view> cookie(const net::RequestHead& head, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& [key, value] : head.fields) {
    if (key != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      auto pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      pair.remove_prefix(std::min(pair.size(), pair.find_first_not_of(' ')));
      if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") continue;
      if (found) return std::nullopt;
      found = pair.substr(name.size() + 1);
    }
  }
  return found;
}

std::optional<identity::SessionKey> session_key(const net::RequestHead& head) {
  const auto token = cookie(head, kSessionCookie);
  return token ? identity::SessionKey::of(*token) : std::nullopt;
}

}  // namespace wardline::http
