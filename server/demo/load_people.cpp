#include "server/demo/load_people.h"

#include <fmt/format.h>

namespace wardline::demo {

core::Result<std::vector<directory::FirstSignIn>> load_people(const Parts& parts, int count) {
  // One password for all: hashing is slow on purpose, and nobody else will ever sign in as them.
  const auto password = directory::new_initial_password(parts.identity.hasher());
  if (!password) return std::unexpected(password.error());
  return parts.identity.environment().database.write(
      [&](storage::Transaction& tx) -> core::Result<std::vector<directory::FirstSignIn>> {
        const auto author = identity::ChangeAuthor::system();
        directory::Joining joining(parts.identity.accounts(), parts.directory, tx, author);
        std::vector<directory::FirstSignIn> accounts;
        for (int i = 1; i <= count; ++i) {
          accounts.push_back(joining.add({.username = fmt::format("load.{:05}", i),
                                          .name = fmt::format("Load Person {:05}", i),
                                          .role_title = "Registered nurse",
                                          .service = "Load testing",
                                          .location = "Load testing"},
                                         *password));
        }
        return accounts;
      });
}

}  // namespace wardline::demo
