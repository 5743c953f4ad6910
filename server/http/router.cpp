#include "server/http/router.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "lib/bytes/text.h"
#include "server/net/utf8.h"

namespace wardline::http {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::vector<const Route*> routes;
};

namespace {

// The segment up to the next "/", which is taken off `rest` as well; nothing at the end.
std::optional<std::string_view> next_segment(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  rest.remove_prefix(1);
  const auto segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(segment.size());
  return segment;
}

std::vector<std::string> parameter_names(std::string_view pattern) {
  std::vector<std::string> names;
  while (const auto segment = next_segment(pattern))
    if (segment->starts_with('{')) names.emplace_back(segment->substr(1, segment->size() - 2));
  return names;
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add_route(Route route) {
  if (!route.pattern.starts_with('/'))
    throw std::logic_error("a route's pattern starts with /: " + route.pattern);
  Node* node = root_.get();
  std::string_view rest = route.pattern;
  while (const auto segment = next_segment(rest)) {
    auto& next = segment->starts_with('{') ? node->parameter : node->literals[std::string(*segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  if (std::ranges::any_of(node->routes, [&](const Route* other) { return other->method == route.method; }))
    throw std::logic_error("two routes for the same method and path: " + route.pattern);
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  node->routes.push_back(routes_.back().get());
}

Router::Match Router::match(Method method, std::string_view path) const {
  const Node* node = root_.get();
  std::vector<std::string> values;
  while (const auto segment = next_segment(path)) {
    if (const auto literal = node->literals.find(*segment); literal != node->literals.end()) {
      node = literal->second.get();
      continue;
    }
    auto value = decode_segment(*segment);
    if (!node->parameter || !value || value->empty()) return {};
    values.push_back(std::move(*value));
    node = node->parameter.get();
  }
  Match match;
  for (const Route* route : node->routes) {
    match.allowed.push_back(route->method);
    if (route->method != method) continue;
    match.route = route;
    const auto names = parameter_names(route->pattern);
    for (std::size_t i = 0; i < names.size(); ++i)
      match.parameters.emplace_back(names[i], std::move(values[i]));
  }
  return match;
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> all;
  all.reserve(routes_.size());
  for (const auto& route : routes_) all.push_back(route.get());
  return all;
}

std::optional<std::string> decode_segment(std::string_view segment) {
  std::string decoded;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      decoded += segment[i];
      continue;
    }
    const auto byte = from_hex(segment.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    decoded += static_cast<char>(byte->front());
    i += 2;
  }
  if (!net::is_utf8(decoded)) return std::nullopt;
  if (std::ranges::any_of(decoded, [](unsigned char c) { return c < 0x20 || c == '/' || c == 0x7f; }))
    return std::nullopt;
  return decoded;
}

}  // namespace wardline::http
