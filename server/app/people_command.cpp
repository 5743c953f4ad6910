#include "server/app/people_command.h"

#include <fstream>

#include <fmt/format.h>

#include "server/app/accounts_file.h"
#include "server/app/options.h"
#include "server/app/people_file.h"
#include "server/app/write_file.h"
#include "server/demo/demo_data.h"
#include "server/demo/load_people.h"

namespace wardline::app {
namespace {

using core::ErrorKind;
using core::fail;
using core::Result;
using directory::FirstSignIn;
using directory::Joiner;

constexpr std::uintmax_t kLargestFile = 16U << 20;

Result<std::unique_ptr<Backend>> open_backend(const std::filesystem::path& data, const core::Clock& clock) {
  const auto configuration = read_configuration(data / "wardline.toml", std::filesystem::absolute(data));
  if (!configuration) return std::unexpected(configuration.error());
  return Backend::open(backend_options_of(*configuration), clock);
}

demo::Parts parts_of(Backend& backend) {
  return {backend.identity(), backend.directory(), backend.patients()};
}

Result<std::vector<Joiner>> read_people(const std::filesystem::path& path) {
  std::error_code unreadable;
  const auto size = std::filesystem::file_size(path, unreadable);
  std::ifstream file(path, std::ios::binary);
  if (unreadable || !file || size > kLargestFile)
    return fail(ErrorKind::invalid, "cannot-read",
                fmt::format("Cannot read {}, or it is larger than 16 MB.", path.string()));
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  auto joiners = parse_people(text);
  if (joiners) return joiners;
  return fail(joiners.error().kind, joiners.error().code,
              fmt::format("{}: {}", path.string(), joiners.error().detail));
}

Result<std::vector<directory::InitialPassword>> make_passwords(identity::PasswordHasher& hasher,
                                                               std::size_t count, const Progress& progress) {
  std::vector<directory::InitialPassword> passwords;
  while (passwords.size() < count) {
    auto password = directory::new_initial_password(hasher);
    if (!password) return std::unexpected(password.error());
    passwords.push_back(std::move(*password));
    progress(passwords.size(), count);
  }
  return passwords;
}

Result<void> refuse_taken(Backend& backend, storage::ReadTransaction& tx, std::span<const Joiner> joiners) {
  for (const Joiner& joiner : joiners) {
    const auto known = backend.identity().accounts().store().find_by_username(tx, joiner.username);
    if (!known) return std::unexpected(known.error());
    if (*known)
      return fail(ErrorKind::conflict, "username-taken",
                  fmt::format("{} has an account already. Nobody was added: take them out of the file.",
                              joiner.username));
  }
  return {};
}

/// The file of a transaction that may be run again, or fail: it stays only where the transaction does.
class AccountsFile {
 public:
  explicit AccountsFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~AccountsFile() { remove(); }
  AccountsFile(const AccountsFile&) = delete;
  AccountsFile& operator=(const AccountsFile&) = delete;

  Result<void> write(const std::vector<FirstSignIn>& accounts) {
    remove();
    auto written = write_file(path_,
                              as_bytes(as_table("The activation code works once, with the first sign-in, for "
                                                "14 days. Hand over each line in person or on paper.",
                                                accounts)),
                              0600);
    written_ = written.has_value();
    return written;
  }
  void keep() { written_ = false; }

 private:
  void remove() {
    std::error_code ignored;
    if (std::exchange(written_, false)) std::filesystem::remove(path_, ignored);
  }
  const std::filesystem::path path_;
  bool written_ = false;
};

}  // namespace

Result<std::size_t> add_people(const AddPeopleOptions& options, const core::Clock& clock,
                               const Progress& progress) {
  const auto joiners = read_people(options.from);
  if (!joiners) return std::unexpected(joiners.error());
  if (std::filesystem::exists(options.accounts))
    return fail(ErrorKind::conflict, "cannot-write",
                fmt::format("{} is there already. Name a new file.", options.accounts.string()));
  const auto backend = open_backend(options.data, clock);
  if (!backend) return std::unexpected(backend.error());
  auto& identity = (*backend)->identity();
  if (auto free = (*backend)->database().read(
          [&](storage::ReadTransaction& tx) { return refuse_taken(**backend, tx, *joiners); });
      !free)
    return std::unexpected(free.error());
  const auto passwords = make_passwords(identity.hasher(), joiners->size(), progress);
  if (!passwords) return std::unexpected(passwords.error());

  AccountsFile file(options.accounts);
  const auto added = (*backend)->database().write([&](storage::Transaction& tx) -> Result<void> {
    const auto author = identity::ChangeAuthor::system();
    directory::Joining joining(identity.accounts(), (*backend)->directory(), tx, author);
    std::vector<FirstSignIn> accounts;
    accounts.reserve(joiners->size());
    for (std::size_t i = 0; i < joiners->size(); ++i)
      accounts.push_back(joining.add((*joiners)[i], (*passwords)[i]));
    // Before the commit: nobody may be added whose password nobody has.
    return file.write(accounts);
  });
  if (!added) return std::unexpected(added.error());
  file.keep();
  return joiners->size();
}

Result<void> load_demo_data(const std::filesystem::path& data, const core::Clock& clock) {
  const auto backend = open_backend(data, clock);
  if (!backend) return std::unexpected(backend.error());
  const auto accounts = demo::load(parts_of(**backend));
  if (!accounts) return std::unexpected(accounts.error());
  const auto table = as_table(
      "Accounts of the demonstration hospital. The activation code works once, with the first sign-in.",
      *accounts);
  if (auto written = write_file(data / "demo-accounts.txt", as_bytes(table), 0600); !written) return written;
  return write_file(data / "demo-accounts.json", as_bytes(as_json(*accounts)), 0600);
}

Result<void> load_accounts(const std::filesystem::path& data, int count, const core::Clock& clock) {
  const auto backend = open_backend(data, clock);
  if (!backend) return std::unexpected(backend.error());
  const auto accounts = demo::load_people(parts_of(**backend), count);
  if (!accounts) return std::unexpected(accounts.error());
  return write_file(data / "load-accounts.json", as_bytes(as_json(*accounts)), 0600);
}

}  // namespace wardline::app
