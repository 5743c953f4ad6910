#include "server/app/demo_command.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/app/options.h"
#include "server/app/write_file.h"
#include "server/demo/demo_data.h"

namespace wardline::app {
namespace {

std::string as_json(const std::vector<demo::Account>& accounts) {
  boost::json::array list;
  for (const auto& account : accounts)
    list.push_back(boost::json::object{{"username", account.username},
                                       {"password", account.password},
                                       {"activation_code", account.activation_code},
                                       {"name", account.name},
                                       {"role_title", account.role_title},
                                       {"service", account.service}});
  return boost::json::serialize(boost::json::object{{"accounts", std::move(list)}}) + "\n";
}

}  // namespace

core::Result<void> load_demo_data(const std::filesystem::path& data, const core::Clock& clock) {
  const auto configuration = read_configuration(data / "wardline.toml", std::filesystem::absolute(data));
  if (!configuration) return std::unexpected(configuration.error());
  const auto backend = Backend::open(backend_options_of(*configuration), clock);
  if (!backend) return std::unexpected(backend.error());
  const auto accounts = demo::load({(*backend)->identity(), (*backend)->directory(), (*backend)->patients()});
  if (!accounts) return std::unexpected(accounts.error());
  if (auto written = demo::write_accounts(data / "demo-accounts.txt", *accounts); !written) return written;
  return write_file(data / "demo-accounts.json", as_bytes(as_json(*accounts)), 0600);
}

}  // namespace wardline::app
