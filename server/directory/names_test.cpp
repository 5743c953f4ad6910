#include <gtest/gtest.h>

#include "server/directory/look_alike.h"
#include "server/directory/name_fold.h"

namespace wardline::directory {
namespace {

TEST(NameFold, SpellingsOfOneNameBecomeOneText) {
  for (const char* spelling :
       {"Müller-Lüdenscheidt", "MUELLER LUEDENSCHEIDT", "muller  ludenscheidt", " Mûller–Lüdenscheidt "}) {
    EXPECT_EQ(fold_name(spelling), "muller ludenscheidt") << spelling;
  }
  EXPECT_EQ(fold_name("O'Brien"), fold_name("OBrien"));
  EXPECT_EQ(fold_name("O’Brien"), "obrien");
  EXPECT_EQ(fold_name("Weiß"), fold_name("Weiss"));
  EXPECT_EQ(fold_name("Łukasz Dvořák"), "lukasz dvorak");
  EXPECT_EQ(fold_name("Þórðardóttir"), "thordardottir");
  EXPECT_EQ(fold_name("Иванов"), "Иванов");
  EXPECT_EQ(fold_name("李 小龙"), "李 小龙");
  EXPECT_EQ(fold_name(""), "");
  EXPECT_EQ(fold_name("  -- "), "");
}

TEST(NameFold, BrokenUtf8DoesNoHarm) {
  for (const char* broken : {"\xC3", "a\xF0\x9F", "\xFF\xFE", "\xE2\x80"})
    EXPECT_LE(fold_name(broken).size(), 8U);
}

TEST(EditDistance, CountsInsertionsDeletionsChangesAndSwaps) {
  EXPECT_EQ(edit_distance("anna", "anna", 2), 0U);
  EXPECT_EQ(edit_distance("anna", "anne", 2), 1U);
  EXPECT_EQ(edit_distance("schmidt", "schmitd", 2), 1U);
  EXPECT_EQ(edit_distance("smith", "smyths", 2), 2U);
  EXPECT_EQ(edit_distance("smith", "jones", 2), 3U) << "cut off at most + 1";
  EXPECT_EQ(edit_distance("", "ab", 2), 2U);
}

TEST(LookAlike, SAF4_NamesThatPeopleConfuseAreFound) {
  const std::pair<const char*, const char*> alike[] = {
      {"Anna Schmidt", "Anna Schmidt"},       {"Anna Schmidt", "Anne Schmitt"},
      {"Catherine Meyer", "Kathryn Maier"},   {"Dr. Jon Smith", "John Smyth"},
      {"Thomas Martin", "Martin Thomas"},     {"Stephen Clark", "Steven Clarke"},
      {"Anna Maria Schmidt", "Anna Schmidt"}, {"Müller, Eva", "Mueller, Eva"},
      {"María Hernández", "Maria Hernandes"},
  };
  for (const auto& [a, b] : alike) {
    EXPECT_TRUE(look_alike(a, b)) << a << " / " << b;
    EXPECT_TRUE(look_alike(b, a)) << b << " / " << a;
  }
}

TEST(LookAlike, NamesThatNobodyConfusesAreNot) {
  const std::pair<const char*, const char*> different[] = {
      {"Anna Schmidt", "Peter Schmidt"},
      {"Anna Schmidt", "Anna Keller"},
      {"Wei Chen", "Amara Okafor"},
      {"Li Wu", "Bo Xu"},
      {"", ""},
      {"Anna Schmidt", ""},
  };
  for (const auto& [a, b] : different) EXPECT_FALSE(look_alike(a, b)) << a << " / " << b;
}

}  // namespace
}  // namespace wardline::directory
