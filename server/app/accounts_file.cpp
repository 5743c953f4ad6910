#include "server/app/accounts_file.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace wardline::app {

using directory::FirstSignIn;

std::string as_table(std::string_view title, const std::vector<FirstSignIn>& accounts) {
  constexpr std::string_view kHeading = "user name";
  std::size_t width = kHeading.size();
  for (const FirstSignIn& account : accounts) width = std::max(width, account.username.size());
  const auto row = [&](std::string_view username, std::string_view password, std::string_view code,
                       std::string_view who) {
    return fmt::format("{:<{}}  {:<20}  {:<16}  {}\n", username, width, password, code, who);
  };
  std::string text = fmt::format("{}\n\n", title) + row(kHeading, "password", "activation code", "who");
  for (const FirstSignIn& account : accounts) {
    text += row(account.username, account.password, account.activation_code,
                fmt::format("{}, {}, {}", account.name, account.role_title, account.service));
  }
  return text;
}

std::string as_json(const std::vector<FirstSignIn>& accounts) {
  boost::json::array list;
  for (const FirstSignIn& account : accounts)
    list.push_back(boost::json::object{{"username", account.username},
                                       {"password", account.password},
                                       {"activation_code", account.activation_code},
                                       {"name", account.name},
                                       {"role_title", account.role_title},
                                       {"service", account.service}});
  return boost::json::serialize(boost::json::object{{"accounts", std::move(list)}}) + "\n";
}

}  // namespace wardline::app
