#include "server/directory/joining.h"

#include "server/identity/secret_code.h"

namespace wardline::directory {

core::Result<InitialPassword> new_initial_password(identity::PasswordHasher& hasher) {
  std::string text = identity::new_activation_code() + "-" + identity::new_activation_code();
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  text.resize(19);
  auto hash = hasher.hash(as_bytes(text));
  if (!hash) return std::unexpected(hash.error());
  return InitialPassword{std::move(text), std::move(*hash)};
}

Joining::Joining(identity::Accounts& accounts, Directory& directory, storage::Transaction& tx,
                 const identity::ChangeAuthor& author)
    : accounts_(accounts), directory_(directory), tx_(tx), author_(author) {
  for (const Service& one : store::services(tx)) services_.emplace(one.name, one.id);
  for (const Location& one : store::locations(tx)) locations_.emplace(one.name, one.id);
}

FirstSignIn Joining::add(const Joiner& joiner, const InitialPassword& password) {
  const auto created = accounts_.create(tx_, author_,
                                        {.username = joiner.username,
                                         .name = joiner.name,
                                         .role = joiner.role,
                                         .employment = joiner.employment,
                                         .password_hash = password.hash});
  directory_.place(tx_, author_, created.id, joiner.role_title, service(joiner.service),
                   location(joiner.location));
  return {.user = created.id,
          .username = joiner.username,
          .password = password.text,
          .activation_code = created.activation_code,
          .name = joiner.name,
          .role_title = joiner.role_title,
          .service = joiner.service};
}

core::ServiceLineId Joining::service(std::string_view name) {
  const auto known = services_.find(name);
  if (known != services_.end()) return known->second;
  return services_.emplace(name, directory_.add_service(tx_, author_, name)).first->second;
}

core::LocationId Joining::location(std::string_view name) {
  const auto known = locations_.find(name);
  if (known != locations_.end()) return known->second;
  return locations_.emplace(name, directory_.add_location(tx_, author_, name)).first->second;
}

}  // namespace wardline::directory
