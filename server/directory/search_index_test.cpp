#include "server/directory/search_index.h"

#include <gtest/gtest.h>

#include "server/directory/name_fold.h"

namespace wardline::directory {
namespace {

class Search : public ::testing::Test {
 protected:
  Search() {
    add("Anna Schmidt", "aschmidt", policy::Role::clinician, "Attending physician", oncology_);
    add("Anna Schmitt", "annaschmitt", policy::Role::nurse, "Registered nurse", cardiology_);
    add("Müller, Eva", "emueller", policy::Role::resident, "Resident", cardiology_);
    add("Chidi Okafor", "cokafor", policy::Role::charge_nurse, "Charge nurse", medicine_);
    add("Annabelle Stone", "astone", policy::Role::admin, "IT administrator", medicine_);
  }

  core::UserId add(const char* name, const char* username, policy::Role role, const char* title,
                   const Service& service, bool active = true) {
    Person person{.id = core::new_id<core::UserId>(),
                  .name = name,
                  .username = username,
                  .role = role,
                  .role_title = title};
    person.service = service;
    person.location = {core::LocationId(), "4 West"};
    person.active = active;
    index_.put(person);
    return person.id;
  }

  std::vector<std::string> names(const char* text) const {
    std::vector<std::string> found;
    for (const auto& person : index_.search({.words = fold_words(text)})) {
      found.push_back(person->name);
    }
    return found;
  }
  using Names = std::vector<std::string>;

  Service oncology_{core::new_id<core::ServiceLineId>(), "Oncology"};
  Service cardiology_{core::new_id<core::ServiceLineId>(), "Cardiology"};
  Service medicine_{core::new_id<core::ServiceLineId>(), "4 West Medicine"};
  SearchIndex index_;
};

TEST_F(Search, FindsByBeginningOfAnyWordOfTheName) {
  EXPECT_EQ(names("anna"), (Names{"Anna Schmidt", "Anna Schmitt", "Annabelle Stone"}));
  EXPECT_EQ(names("oka"), (Names{"Chidi Okafor"}));
  EXPECT_EQ(names("eva mu"), (Names{"Müller, Eva"}));
  EXPECT_EQ(names("MUELLER"), (Names{"Müller, Eva"}));
}

TEST_F(Search, ForgivesATypingErrorAndRanksItLast) {
  EXPECT_EQ(names("schmidt"), (Names{"Anna Schmidt", "Anna Schmitt"}));
  EXPECT_EQ(names("okafro"), (Names{"Chidi Okafor"}));
  EXPECT_EQ(names("cardoilogy"), (Names{"Anna Schmitt", "Müller, Eva"}));
  EXPECT_EQ(names("radiology"), (Names{})) << "and not Cardiology";
}

TEST_F(Search, EveryWordMustFitSomewhere) {
  EXPECT_EQ(names("anna oncology"), (Names{"Anna Schmidt"}));
  EXPECT_EQ(names("charge nurse 4 west"), (Names{"Chidi Okafor"}));
  EXPECT_EQ(names("anna nephrology"), (Names{}));
}

TEST_F(Search, PeopleWhoHaveLeftComeLast) {
  add("Anna Abbott", "aabbott", policy::Role::nurse, "Registered nurse", oncology_, false);
  EXPECT_EQ(names("anna").back(), "Anna Abbott");
}

TEST_F(Search, FiltersCombineWithTheText) {
  const auto found =
      index_.search({.words = {"anna"}, .role = policy::Role::nurse, .service = cardiology_.id});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front()->name, "Anna Schmitt");
}

TEST_F(Search, SAF4_LookAlikesLeaveOutThePersonAndThoseWhoHaveLeft) {
  const auto anna = index_.search({.words = fold_words("anna schmidt")}).front();
  add("Anne Schmid", "gone", policy::Role::nurse, "Registered nurse", medicine_, false);
  const auto alike = index_.look_alikes(anna->id);
  ASSERT_EQ(alike.size(), 1U);
  EXPECT_EQ(alike.front()->name, "Anna Schmitt");
}

TEST_F(Search, AChangedNameIsFoundAndTheOldOneIsNot) {
  const auto id = add("Before Marriage", "bm", policy::Role::nurse, "Nurse", oncology_);
  index_.put({.id = id,
              .name = "After Wedding",
              .username = "bm",
              .role = policy::Role::nurse,
              .role_title = "Nurse"});
  EXPECT_TRUE(names("marriage").empty());
  EXPECT_EQ(names("wedding").size(), 1U);
  index_.remove(id);
  EXPECT_TRUE(names("wedding").empty());
  EXPECT_EQ(index_.find(id), nullptr);
}

}  // namespace
}  // namespace wardline::directory
