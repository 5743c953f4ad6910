// `wardlined add-people` as an administrator meets it.
#include "server/app/people_command.h"

#include <fstream>

#include <gtest/gtest.h>

#include "server/app/backend.h"
#include "server/app/initialise.h"
#include "server/app/options.h"
#include "tests/hospital/identity_harness.h"

namespace wardline::app {
namespace {

using hospital::must;
namespace fs = std::filesystem;

class AddPeopleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    must(initialise({.data = data()}, clock_));
    write_down({"lena.brandt", "omar.haddad"});
  }
  fs::path data() const { return folder_.path() / "data"; }
  fs::path from() const { return folder_.path() / "people.json"; }
  fs::path accounts() const { return folder_.path() / "accounts.txt"; }

  void write_down(const std::vector<std::string>& usernames) const {
    std::string people;
    for (const std::string& username : usernames)
      people +=
          (people.empty() ? "" : ",") + std::string(R"({"username":")") + username +
          R"(","name":"Somebody","role":"nurse","title":"Nurse","service":"Cardiology","location":"Ward 4"})";
    std::ofstream(from()) << R"({"people":[)" + people + "]}";
  }
  core::Result<std::size_t> add() {
    return add_people({.data = data(), .from = from(), .accounts = accounts()}, clock_,
                      [&](std::size_t done, std::size_t) { progress_ = done; });
  }
  std::unique_ptr<Backend> open() {
    return must(
        Backend::open(backend_options_of(must(read_configuration(data() / "wardline.toml"))), clock_));
  }
  bool exists(std::string_view username) {
    const auto backend = open();
    return must(backend->database().read([&](storage::ReadTransaction& tx) {
             return backend->identity().accounts().store().find_by_username(tx, username);
           }))
        .has_value();
  }
  /// What stands in the line of that person.
  std::vector<std::string> handed_over(const std::string& username) const {
    std::ifstream file(accounts());
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with(username + " ")) continue;
      std::istringstream words(line);
      return {std::istream_iterator<std::string>(words), {}};
    }
    return {};
  }

  core::SystemClock clock_;
  support::TemporaryDirectory folder_;
  std::size_t progress_ = 0;
};

TEST_F(AddPeopleTest, OPS1_WhatIsHandedOverSignsSomebodyIn) {
  EXPECT_EQ(must(add()), 2U);
  EXPECT_EQ(progress_, 2U);
  EXPECT_EQ(fs::status(accounts()).permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
  const auto line = handed_over("omar.haddad");
  ASSERT_GE(line.size(), 3U);
  const auto backend = open();
  const auto begun = must(backend->identity().sign_in().password(
      "omar.haddad", SecretBytes(as_bytes(line[1])), hospital::ward()));
  EXPECT_TRUE(begun.enrol);
  EXPECT_TRUE(backend->identity().sign_in().begin_webauthn(begun.sign_in_id, line[2], hospital::ward()));
  EXPECT_NE(line[1], handed_over("lena.brandt")[1]);
}

TEST_F(AddPeopleTest, IAM1_WhereOneNameIsTakenNobodyIsAdded) {
  must(add());
  fs::remove(accounts());
  write_down({"new.person", "lena.brandt"});
  EXPECT_EQ(add().error().code, "username-taken");
  EXPECT_FALSE(exists("new.person"));
  EXPECT_FALSE(fs::exists(accounts()));
  write_down({"new.person"});
  EXPECT_TRUE(add()) << "of a service and a ward that are there";
}

TEST_F(AddPeopleTest, NobodyIsAddedWhosePasswordNobodyWouldHave) {
  std::ofstream(accounts()) << "what is there";
  EXPECT_EQ(add().error().code, "cannot-write");
  EXPECT_EQ(progress_, 0U) << "told before the long part";
  EXPECT_EQ(fs::file_size(accounts()), 13U);
  EXPECT_FALSE(exists("lena.brandt"));
}

TEST_F(AddPeopleTest, RefusesWhatCannotBeReadAndADirectoryInUse) {
  {
    const auto server = open();
    EXPECT_EQ(add().error().code, "data-directory-in-use");
  }
  fs::remove(from());
  EXPECT_EQ(add().error().code, "cannot-read");
}

}  // namespace
}  // namespace wardline::app
