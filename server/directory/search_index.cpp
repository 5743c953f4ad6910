#include "server/directory/search_index.h"

#include <algorithm>
#include <mutex>
#include <tuple>

#include "server/directory/look_alike.h"
#include "server/directory/name_fold.h"

namespace wardline::directory {
namespace {

// How well one typed word fits one known word; 0 is not at all.
constexpr int kExact = 4;
constexpr int kBeginning = 3;
constexpr int kTypingError = 1;
constexpr int kNameBonus = 2;

int fit(std::string_view typed, std::string_view known) {
  if (typed == known) return kExact;
  if (known.starts_with(typed)) return kBeginning;
  if (typed.size() < 4) return 0;
  // One error and no more: with two, "radiology" would find Cardiology. Somebody who is still typing has made
  // it in a beginning.
  const bool error =
      edit_distance(typed, known, 1) <= 1 || edit_distance(typed, known.substr(0, typed.size()), 1) <= 1;
  return error ? kTypingError : 0;
}

int best_fit(std::string_view typed, const std::vector<std::string>& known) {
  int best = 0;
  for (const auto& word : known) best = std::max(best, fit(typed, word));
  return best;
}

void add_words(std::vector<std::string>& words, std::string_view text) {
  for (auto& word : fold_words(text)) words.push_back(std::move(word));
}

}  // namespace

void SearchIndex::put(Person person) {
  Entry entry;
  add_words(entry.name_words, person.name);
  add_words(entry.other_words, person.role_title);
  add_words(entry.other_words, policy::words_of(person.role));
  add_words(entry.other_words, person.service.name);
  add_words(entry.other_words, person.location.name);
  add_words(entry.other_words, person.username);
  entry.sort_key = fold_name(person.name);
  entry.person = std::make_shared<const Person>(std::move(person));
  const std::unique_lock lock(mutex_);
  entries_.insert_or_assign(entry.person->id, std::move(entry));
}

void SearchIndex::remove(const core::UserId& user) {
  const std::unique_lock lock(mutex_);
  entries_.erase(user);
}

std::shared_ptr<const Person> SearchIndex::find(const core::UserId& user) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(user);
  return found == entries_.end() ? nullptr : found->second.person;
}

std::vector<std::shared_ptr<const Person>> SearchIndex::look_alikes(const core::UserId& user) const {
  std::vector<std::shared_ptr<const Person>> alike;
  const std::shared_lock lock(mutex_);
  const auto self = entries_.find(user);
  if (self == entries_.end()) return alike;
  for (const auto& [id, entry] : entries_) {
    if (id == user || !entry.person->active) continue;
    if (look_alike(self->second.person->name, entry.person->name)) alike.push_back(entry.person);
  }
  std::ranges::sort(alike, [](const auto& a, const auto& b) {
    return std::tie(a->name, a->id) < std::tie(b->name, b->id);
  });
  return alike;
}

int SearchIndex::score(const Entry& entry, const std::vector<std::string>& words,
                       const std::vector<std::string>* more) {
  int total = 0;
  for (const auto& word : words) {
    const int by_name = best_fit(word, entry.name_words);
    int best = std::max(by_name == 0 ? 0 : by_name + kNameBonus, best_fit(word, entry.other_words));
    if (more != nullptr) best = std::max(best, best_fit(word, *more));
    if (best == 0) return 0;
    total += best;
  }
  return total;
}

std::vector<std::shared_ptr<const Person>> SearchIndex::search(const Query& query) const {
  struct Hit {
    bool inactive;
    int score;
    const std::string* sort_key;
    std::shared_ptr<const Person> person;
  };
  std::vector<Hit> hits;
  const std::shared_lock lock(mutex_);
  for (const auto& [id, entry] : entries_) {
    const Person& person = *entry.person;
    if (query.role && person.role != *query.role) continue;
    if (query.service && person.service.id != *query.service) continue;
    if (query.location && person.location.id != *query.location) continue;
    const std::vector<std::string>* more = nullptr;
    if (query.only) {
      const auto chosen = query.only->find(id);
      if (chosen == query.only->end()) continue;
      more = &chosen->second;
    }
    const int points = query.words.empty() ? 1 : score(entry, query.words, more);
    if (points > 0) hits.push_back({!person.active, points, &entry.sort_key, entry.person});
  }
  std::ranges::sort(hits, [](const Hit& a, const Hit& b) {
    return std::tie(a.inactive, b.score, *a.sort_key, a.person->id) <
           std::tie(b.inactive, a.score, *b.sort_key, b.person->id);
  });
  std::vector<std::shared_ptr<const Person>> people;
  people.reserve(hits.size());
  for (auto& hit : hits) people.push_back(std::move(hit.person));
  return people;
}

std::size_t SearchIndex::size() const {
  const std::shared_lock lock(mutex_);
  return entries_.size();
}

}  // namespace wardline::directory
