// Reads one table of a TOML file key by key, and keeps the first thing that is wrong, with its line.
#pragma once

#include <exception>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "server/core/error.h"

namespace wardline::app {

/// What `toml::parse` throws, besides `toml::parse_error`, for a file that is not what it takes for granted.
struct UnexpectedToml : std::exception {};
[[noreturn]] inline void refuse_toml() { throw UnexpectedToml(); }

}  // namespace wardline::app

// toml++ 3.3 asserts what no file has promised, e.g. that the name of a section begins as names do, and in an
// optimised build takes it for true. Here it is checked in every build.
#define TOML_ASSERT(expression) ((expression) ? void() : ::wardline::app::refuse_toml())
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace wardline::app {

class TomlReader {
 public:
  /// `name` stands for the file in messages.
  TomlReader(const toml::table& root, std::string name) : root_(root), name_(std::move(name)) {}

  /// Values under [section]; nothing where the key is absent or something is wrong.
  std::optional<std::string> text(std::string_view section, std::string_view key, std::size_t most = 1000);
  std::optional<std::int64_t> integer(std::string_view section, std::string_view key, std::int64_t least,
                                      std::int64_t most);
  std::optional<bool> boolean(std::string_view section, std::string_view key);

  /// For a rule that goes beyond type and range: says that the value breaks it.
  void refuse(std::string_view section, std::string_view key, std::string_view rule);

  /// Refuses keys and sections that nobody asked for.
  core::Result<void> finish();

 private:
  const toml::node* find(std::string_view section, std::string_view key);
  void fail_at(const toml::node& node, std::string_view message);

  const toml::table& root_;
  const std::string name_;
  std::set<std::string, std::less<>> known_;  ///< "section" and "section.key"
  std::optional<std::string> error_;
};

}  // namespace wardline::app
