#include "server/demo/demo_data.h"

#include <map>

#include "server/demo/hospital.h"

namespace wardline::demo {
namespace {

using identity::ChangeAuthor;
using namespace std::chrono_literals;

constexpr std::chrono::hours kShift{12};
constexpr std::chrono::hours kFirstShiftBegins{7};  // 07:00 and 19:00 UTC
constexpr int kDaysOfRota = 35;                     // from yesterday on

directory::Joiner joiner_of(const Colleague& colleague) {
  return {.username = std::string(colleague.username),
          .name = std::string(colleague.name),
          .role = colleague.role,
          .employment = colleague.employment,
          .role_title = std::string(colleague.role_title),
          .service = std::string(colleague.service),
          .location = std::string(colleague.location)};
}

/// One run of the transaction: it may be run again, so all it makes lives here.
class Loading {
 public:
  Loading(const Parts& parts, storage::Transaction& tx)
      : parts_(parts), tx_(tx), joining_(parts.identity.accounts(), parts.directory, tx, author_) {}

  void add_people(std::span<const directory::InitialPassword> passwords) {
    for (std::size_t i = 0; i < passwords.size(); ++i) {
      const Colleague& colleague = colleagues()[i];
      accounts.push_back(joining_.add(joiner_of(colleague), passwords[i]));
      users_[colleague.username] = accounts.back().user;
    }
  }

  void add_rota(core::Time now) {
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::microseconds(now.microseconds));
    const core::Time first = core::Time{std::chrono::microseconds(day).count()} - 24h + kFirstShiftBegins;
    for (const OnCallPlan& plan : on_call_plans()) {
      const auto role =
          parts_.directory.add_on_call_role(tx_, author_, plan.name, joining_.service(plan.service));
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
                                           .location = {joining_.location(patient.location), ""},
                                           .bed = std::string(patient.bed),
                                           .service = {joining_.service(patient.service), ""},
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

  std::vector<directory::FirstSignIn> accounts;

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
  const Parts& parts_;
  storage::Transaction& tx_;
  const ChangeAuthor author_ = ChangeAuthor::system();
  directory::Joining joining_;
  std::map<std::string_view, core::UserId> users_;
};

}  // namespace

core::Result<std::vector<directory::FirstSignIn>> load(const Parts& parts) {
  std::vector<directory::InitialPassword> passwords;
  while (passwords.size() < colleagues().size()) {
    auto password = directory::new_initial_password(parts.identity.hasher());
    if (!password) return std::unexpected(password.error());
    passwords.push_back(std::move(*password));
  }
  const auto& environment = parts.identity.environment();
  return environment.database.write(
      [&](storage::Transaction& tx) -> core::Result<std::vector<directory::FirstSignIn>> {
        if (!tx.query("SELECT 1 FROM users LIMIT 1").empty()) {
          return core::fail(core::ErrorKind::conflict, "not-empty",
                            "There are accounts already. Use an empty data directory.");
        }
        Loading loading(parts, tx);
        loading.add_people(passwords);
        loading.add_rota(environment.clock.now());
        loading.add_patients();
        return std::move(loading.accounts);
      });
}

}  // namespace wardline::demo
