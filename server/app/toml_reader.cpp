#include "server/app/toml_reader.h"

#include <fmt/format.h>

namespace wardline::app {

namespace {

std::string path_of(std::string_view section, std::string_view key) {
  return fmt::format("{}.{}", section, key);
}

}  // namespace

void TomlReader::fail_at(const toml::node& node, std::string_view message) {
  if (!error_) error_ = fmt::format("{} line {}: {}", name_, node.source().begin.line, message);
}

const toml::node* TomlReader::find(std::string_view section, std::string_view key) {
  known_.emplace(section);
  known_.insert(path_of(section, key));
  const toml::node* table = root_.get(section);
  if (!table || !table->is_table()) return nullptr;  // `finish` says if it is something else.
  return table->as_table()->get(key);
}

void TomlReader::refuse(std::string_view section, std::string_view key, std::string_view rule) {
  const auto* node = find(section, key);
  if (node)
    fail_at(*node, fmt::format("{} {}.", path_of(section, key), rule));
  else if (!error_)
    error_ = fmt::format("{}: {} {}.", name_, path_of(section, key), rule);
}

std::optional<std::string> TomlReader::text(std::string_view section, std::string_view key,
                                            std::size_t most) {
  const auto* node = find(section, key);
  if (!node) return std::nullopt;
  auto value = node->value_exact<std::string>();
  if (value && !value->empty() && value->size() <= most) return value;
  fail_at(*node,
          fmt::format("{} must be a text in quotes of 1 to {} characters.", path_of(section, key), most));
  return std::nullopt;
}

std::optional<std::int64_t> TomlReader::integer(std::string_view section, std::string_view key,
                                                std::int64_t least, std::int64_t most) {
  const auto* node = find(section, key);
  if (!node) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (value && *value >= least && *value <= most) return value;
  fail_at(*node, fmt::format("{} must be a whole number from {} to {}.", path_of(section, key), least, most));
  return std::nullopt;
}

std::optional<bool> TomlReader::boolean(std::string_view section, std::string_view key) {
  const auto* node = find(section, key);
  if (!node) return std::nullopt;
  if (const auto value = node->value_exact<bool>()) return value;
  fail_at(*node, fmt::format("{} must be true or false.", path_of(section, key)));
  return std::nullopt;
}

core::Result<void> TomlReader::finish() {
  for (const auto& [section, node] : root_) {
    if (!known_.contains(section.str()) || !node.is_table()) {
      fail_at(node, node.is_table()
                        ? fmt::format("there is no section [{}].", section.str())
                        : fmt::format("{} stands outside of any section that knows it.", section.str()));
      continue;
    }
    for (const auto& [key, value] : *node.as_table()) {
      const std::string path = path_of(section.str(), key.str());
      if (!known_.contains(path)) fail_at(value, fmt::format("there is no setting {}.", path));
    }
  }
  if (error_) return core::fail(core::ErrorKind::invalid, "configuration", *error_);
  return {};
}

}  // namespace wardline::app
