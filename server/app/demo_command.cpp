#include "server/app/demo_command.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/app/options.h"
#include "server/app/write_file.h"
#include "server/demo/demo_data.h"
#include "server/demo/load_people.h"

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

core::Result<std::unique_ptr<Backend>> open_backend(const std::filesystem::path& data,
                                                    const core::Clock& clock) {
  const auto configuration = read_configuration(data / "wardline.toml", std::filesystem::absolute(data));
  if (!configuration) return std::unexpected(configuration.error());
  return Backend::open(backend_options_of(*configuration), clock);
}

demo::Parts parts_of(Backend& backend) {
  return {backend.identity(), backend.directory(), backend.patients()};
}

}  // namespace

core::Result<void> load_demo_data(const std::filesystem::path& data, const core::Clock& clock) {
  const auto backend = open_backend(data, clock);
  if (!backend) return std::unexpected(backend.error());
  const auto accounts = demo::load(parts_of(**backend));
  if (!accounts) return std::unexpected(accounts.error());
  if (auto written = demo::write_accounts(data / "demo-accounts.txt", *accounts); !written) return written;
  return write_file(data / "demo-accounts.json", as_bytes(as_json(*accounts)), 0600);
}

core::Result<void> load_accounts(const std::filesystem::path& data, int count, const core::Clock& clock) {
  const auto backend = open_backend(data, clock);
  if (!backend) return std::unexpected(backend.error());
  const auto accounts = demo::load_people(parts_of(**backend), count);
  if (!accounts) return std::unexpected(accounts.error());
  return write_file(data / "load-accounts.json", as_bytes(as_json(*accounts)), 0600);
}

}  // namespace wardline::app
