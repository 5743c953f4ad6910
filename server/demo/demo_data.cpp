#include "server/demo/demo_data.h"

#include <map>

#include "lib/bytes/text.h"
#include "lib/crypto/random.h"
#include "lib/disk/durable_file.h"
#include "server/demo/hospital.h"
#include "server/identity/secret_code.h"

namespace wardline::demo {
namespace {

using identity::ChangeAuthor;
using namespace std::chrono_literals;

constexpr std::chrono::hours kShift{12};
constexpr std::chrono::hours kFirstShiftBegins{7};  // 07:00 and 19:00 UTC
constexpr int kDaysOfRota = 35;                     // from yesterday on

// 80 bits that can be read out and typed.
std::string new_password() {
  std::string password = identity::new_activation_code() + "-" + identity::new_activation_code();
  for (char& c : password) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return password.substr(0, 19);
}

struct Prepared {
  Account account;
  std::string password_hash;
};

// Hashing is slow on purpose and stays out of the transaction.
core::Result<std::vector<Prepared>> prepare(identity::PasswordHasher& hasher) {
  std::vector<Prepared> prepared;
  for (const Colleague& colleague : colleagues()) {
    Account account;
    account.username = colleague.username;
    account.password = new_password();
    account.name = colleague.name;
    account.role_title = colleague.role_title;
    account.service = colleague.service;
    auto hash = hasher.hash(as_bytes(account.password));
    if (!hash) return std::unexpected(hash.error());
    prepared.push_back({std::move(account), std::move(*hash)});
  }
  return prepared;
}

/// One run of the transaction: it may be run again, so all it makes lives here.
class Loading {
 public:
  Loading(const Parts& parts, storage::Transaction& tx) : parts_(parts), tx_(tx) {}

  void add_people(std::vector<Prepared> prepared) {
    for (std::size_t i = 0; i < prepared.size(); ++i) {
      const Colleague& colleague = colleagues()[i];
      const auto created = parts_.identity.accounts().create(tx_, author_,
                                                             {.username = std::string(colleague.username),
                                                              .name = std::string(colleague.name),
                                                              .role = colleague.role,
                                                              .employment = colleague.employment,
                                                              .password_hash = prepared[i].password_hash});
      parts_.directory.place(tx_, author_, created.id, colleague.role_title, service(colleague.service),
                             location(colleague.location));
      users_[colleague.username] = created.id;
      accounts.push_back(std::move(prepared[i].account));
      accounts.back().activation_code = created.activation_code;
    }
  }

  void add_rota(core::Time now) {
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::microseconds(now.microseconds));
    const core::Time first = core::Time{std::chrono::microseconds(day).count()} - 24h + kFirstShiftBegins;
    for (const OnCallPlan& plan : on_call_plans()) {
      const auto role = parts_.directory.add_on_call_role(tx_, author_, plan.name, service(plan.service));
      for (int shift = 0; shift < 2 * kDaysOfRota; ++shift) {
        const auto* turn = plan.usernames.begin() + static_cast<std::size_t>(shift) % plan.usernames.size();
        const core::Time from = first + shift * kShift;
        parts_.directory.add_shift(tx_, author_, role, users_.at(*turn), from, from + kShift);
      }
    }
  }

  void add_patients() {
    for (const DemoPatient& patient : patients()) {
      const auto id = parts_.patients.add(tx_, author_,
                                          {.id = {},
                                           .family_name = std::string(patient.family_name),
                                           .given_name = std::string(patient.given_name),
                                           .birth_date = std::string(patient.birth_date),
                                           .sex = std::string(patient.sex),
                                           .mrn = std::string(patient.mrn),
                                           .location = {location(patient.location), ""},
                                           .bed = std::string(patient.bed),
                                           .service = {service(patient.service), ""},
                                           .allergies = split(patient.allergies)});
      for (const Colleague& colleague : colleagues()) {
        const bool clinical =
            colleague.role != policy::Role::admin && colleague.role != policy::Role::privacy_officer;
        if (clinical && colleague.service == patient.service) {
          parts_.patients.add_to_care_team(tx_, author_, id, users_.at(colleague.username));
        }
      }
    }
  }

  std::vector<Account> accounts;

 private:
  static std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(';'), text.size());
      parts.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
  }
  core::ServiceLineId service(std::string_view name) {
    const auto [at, fresh] = services_.try_emplace(name);
    if (fresh) at->second = parts_.directory.add_service(tx_, author_, name);
    return at->second;
  }
  core::LocationId location(std::string_view name) {
    const auto [at, fresh] = locations_.try_emplace(name);
    if (fresh) at->second = parts_.directory.add_location(tx_, author_, name);
    return at->second;
  }

  const Parts& parts_;
  storage::Transaction& tx_;
  const ChangeAuthor author_ = ChangeAuthor::system();
  std::map<std::string_view, core::UserId> users_;
  std::map<std::string_view, core::ServiceLineId> services_;
  std::map<std::string_view, core::LocationId> locations_;
};

std::string padded(std::string_view text, std::size_t width) {
  std::string cell(text);
  cell.append(width > cell.size() ? width - cell.size() : 1, ' ');
  return cell;
}

std::unexpected<core::Error> accounts_file_error() {
  return core::fail(core::ErrorKind::internal, "accounts-file",
                    "The file of accounts exists already or cannot be written.");
}

}  // namespace

core::Result<std::vector<Account>> load(const Parts& parts) {
  const auto prepared = prepare(parts.identity.hasher());
  if (!prepared) return std::unexpected(prepared.error());
  const auto& environment = parts.identity.environment();
  return environment.database.write([&](storage::Transaction& tx) -> core::Result<std::vector<Account>> {
    if (!tx.query("SELECT 1 FROM users LIMIT 1").empty()) {
      return core::fail(core::ErrorKind::conflict, "not-empty",
                        "There are accounts already. Use an empty data directory.");
    }
    Loading loading(parts, tx);
    loading.add_people(*prepared);
    loading.add_rota(environment.clock.now());
    loading.add_patients();
    return std::move(loading.accounts);
  });
}

core::Result<void> write_accounts(const std::filesystem::path& file, const std::vector<Account>& accounts) {
  std::string text =
      "Accounts of the demonstration hospital. The activation code works once, with the first sign-in.\n\n" +
      padded("user name", 18) + padded("password", 22) + padded("activation code", 18) + "who\n";
  for (const Account& account : accounts) {
    text += padded(account.username, 18) + padded(account.password, 22) +
            padded(account.activation_code, 18) + account.name + ", " + account.role_title + ", " +
            account.service + "\n";
  }
  if (!disk::write_new(file, as_bytes(text), 0600)) return accounts_file_error();
  return {};
}

}  // namespace wardline::demo
