#include "server/demo/load_people.h"

#include <fmt/format.h>

#include "server/identity/secret_code.h"

namespace wardline::demo {

core::Result<std::vector<Account>> load_people(const Parts& parts, int count) {
  // One hash for all: hashing is slow on purpose, and nobody else will ever sign in as them.
  const std::string password = identity::new_activation_code() + "-" + identity::new_activation_code();
  const auto hash = parts.identity.hasher().hash(as_bytes(password));
  if (!hash) return std::unexpected(hash.error());
  return parts.identity.environment().database.write(
      [&](storage::Transaction& tx) -> core::Result<std::vector<Account>> {
        const auto author = identity::ChangeAuthor::system();
        const auto service = parts.directory.add_service(tx, author, "Load testing");
        const auto location = parts.directory.add_location(tx, author, "Load testing");
        std::vector<Account> accounts;
        for (int i = 1; i <= count; ++i) {
          Account account{.username = fmt::format("load.{:05}", i),
                          .password = password,
                          .activation_code = {},
                          .name = fmt::format("Load Person {:05}", i),
                          .role_title = "Registered nurse",
                          .service = "Load testing"};
          const auto created = parts.identity.accounts().create(tx, author,
                                                                {.username = account.username,
                                                                 .name = account.name,
                                                                 .role = policy::Role::nurse,
                                                                 .employment = policy::Employment::staff,
                                                                 .password_hash = *hash});
          parts.directory.place(tx, author, created.id, account.role_title, service, location);
          account.activation_code = created.activation_code;
          accounts.push_back(std::move(account));
        }
        return accounts;
      });
}

}  // namespace wardline::demo
