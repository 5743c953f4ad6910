#include "server/app/people_file.h"

#include <gtest/gtest.h>

namespace wardline::app {
namespace {

std::string person(std::string_view instead = "", std::string_view of = "") {
  std::string text = R"({"username":"lena.brandt","name":"Lena Brandt","role":"clinician",)"
                     R"("title":"Attending physician","service":"Cardiology","location":"Ward 4"})";
  if (!of.empty()) text.replace(text.find(of), of.size(), instead);
  return text;
}
std::string file(const std::string& people) { return R"({"people":[)" + people + "]}"; }
std::string refusal(const std::string& text) {
  const auto parsed = parse_people(text);
  return parsed ? "" : std::string(parsed.error().code) + ": " + parsed.error().detail;
}

TEST(PeopleFile, PeopleAreReadAsTheyAreWrittenDown) {
  const auto two = parse_people(
      file(person() + "," +
           R"({"username":"o@2","name":"Inês Ōé","role":"charge_nurse","employment":"contractor",)"
           R"("title":"t","service":"s","location":"l"})"));
  ASSERT_TRUE(two) << two.error().detail;
  EXPECT_EQ(two->front().username, "lena.brandt");
  EXPECT_EQ(two->front().role, policy::Role::clinician);
  EXPECT_EQ(two->front().employment, policy::Employment::staff);
  EXPECT_EQ(two->front().location, "Ward 4");
  EXPECT_EQ(two->back().name, "Inês Ōé");
  EXPECT_EQ(two->back().employment, policy::Employment::contractor);
}

TEST(PeopleFile, IAM1_AUsernameBelongsToOnePerson) {
  EXPECT_EQ(refusal(file(person() + "," + person())),
            "username-twice: people[1] has the username of somebody before them.");
  for (const char* bad : {"Lena.brandt", "lena brandt", "lena\\u00e9", "a/b"})
    EXPECT_TRUE(refusal(file(person(bad, "lena.brandt"))).starts_with("bad-username: people[0]")) << bad;
}

TEST(PeopleFile, WhatNobodyWouldSeeInANameIsRefused) {
  for (const char* bad : {" Lena Brandt", "Lena Brandt ", "Lena  Brandt", "Lena\\nBrandt"})
    EXPECT_TRUE(refusal(file(person(bad, "Lena Brandt"))).starts_with("bad-name: people[0]")) << bad;
  EXPECT_TRUE(refusal(file(person("Ward\\t4", "Ward 4"))).starts_with("bad-name: ")) << "of places too";
}

TEST(PeopleFile, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_NE(refusal(file(person() + "," + person("matron", "clinician"))).find("people[1].role"),
            std::string::npos)
      << refusal(file(person() + "," + person("matron", "clinician")));
  EXPECT_NE(refusal(file(person("\"wages\"", "\"title\""))).find("people[0]."), std::string::npos);
  EXPECT_NE(refusal("{}"), "");
  EXPECT_NE(refusal("username,name"), "");
  EXPECT_EQ(refusal(file("")), "");
}

}  // namespace
}  // namespace wardline::app
