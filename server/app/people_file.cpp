#include "server/app/people_file.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "server/http/json_reader.h"

namespace wardline::app {
namespace {

using core::ErrorKind;
using core::fail;
using policy::Employment;
using policy::Role;

constexpr std::size_t kMostPeople = 20'000;
constexpr http::Length kName{.least = 1, .most = 100};

directory::Joiner read_joiner(http::JsonReader& person) {
  return {.username = person.text("username", {.least = 1, .most = 64}),
          .name = person.text("name", kName),
          .role = person.choice<Role>("role", {{"clinician", Role::clinician},
                                               {"resident", Role::resident},
                                               {"charge_nurse", Role::charge_nurse},
                                               {"nurse", Role::nurse},
                                               {"privacy_officer", Role::privacy_officer},
                                               {"admin", Role::admin}}),
          .employment =
              person
                  .optional_choice<Employment>(
                      "employment", {{"staff", Employment::staff}, {"contractor", Employment::contractor}})
                  .value_or(Employment::staff),
          .role_title = person.text("title", kName),
          .service = person.text("service", kName),
          .location = person.text("location", kName)};
}

bool is_username(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_@").find(c) != std::string_view::npos;
  });
}

// What a person would not see, or take for another name that looks the same.
bool is_plain(std::string_view text) {
  return !text.starts_with(' ') && !text.ends_with(' ') && text.find("  ") == std::string_view::npos &&
         text.find_first_of("\n\t") == std::string_view::npos;
}

core::Result<void> check(const directory::Joiner& joiner, std::size_t place) {
  if (!is_username(joiner.username))
    return fail(
        ErrorKind::invalid, "bad-username",
        fmt::format("people[{}].username may have lower-case letters a to z, digits and . - _ @.", place));
  for (const std::string* text : {&joiner.name, &joiner.role_title, &joiner.service, &joiner.location}) {
    if (!is_plain(*text))
      return fail(
          ErrorKind::invalid, "bad-name",
          fmt::format("people[{}] has a name or title with spaces around it, two in a row, or a line break.",
                      place));
  }
  return {};
}

}  // namespace

core::Result<std::vector<directory::Joiner>> parse_people(std::string_view text) {
  http::JsonReader file(text);
  std::vector<directory::Joiner> joiners;
  for (http::JsonReader& person : file.objects("people", kMostPeople)) joiners.push_back(read_joiner(person));
  if (auto read = file.finish(); !read) return std::unexpected(read.error());
  std::set<std::string_view> usernames;
  for (std::size_t i = 0; i < joiners.size(); ++i) {
    if (auto good = check(joiners[i], i); !good) return std::unexpected(good.error());
    if (!usernames.insert(joiners[i].username).second)
      return fail(ErrorKind::invalid, "username-twice",
                  fmt::format("people[{}] has the username of somebody before them.", i));
  }
  return joiners;
}

}  // namespace wardline::app
