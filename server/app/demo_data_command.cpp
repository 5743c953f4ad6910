#include "server/app/demo_data_command.h"

#include <fmt/format.h>

#include "server/demo/demo_data.h"

namespace wardline::app {

core::Result<void> load_demo_data(Backend& backend, const std::filesystem::path& file) {
  if (std::filesystem::exists(file)) {
    return core::fail(core::ErrorKind::conflict, "accounts-file",
                      "There is a file of demonstration accounts already. Use a fresh data directory.");
  }
  const auto accounts = demo::load({backend.identity(), backend.directory(), backend.patients()});
  if (!accounts) return std::unexpected(accounts.error());
  // Passwords are shown to whoever runs the command, once, and nowhere in a log.
  for (const demo::Account& account : *accounts) {
    fmt::print("{:<16} {:<20} {:<15} {}, {}, {}\n", account.username, account.password,
               account.activation_code, account.name, account.role_title, account.service);
  }
  return demo::write_accounts(file, *accounts);
}

}  // namespace wardline::app
