// The directory in memory: names are sealed at rest, so they are searched here, by prefix, by word and with
// typing errors.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/directory/person.h"

namespace wardline::directory {

/// Safe for use from many threads.
class SearchIndex {
 public:
  void put(Person person);
  void remove(const core::UserId& user);

  std::shared_ptr<const Person> find(const core::UserId& user) const;
  /// Everybody whose name looks like this person's (SAF-4), without them, active people only.
  std::vector<std::shared_ptr<const Person>> look_alikes(const core::UserId& user) const;

  struct Query {
    std::vector<std::string> words = {};  ///< folded; none: everybody, by name
    std::optional<policy::Role> role = {};
    std::optional<core::ServiceLineId> service = {};
    std::optional<core::LocationId> location = {};
    /// If set, nobody but these, each with further words by which they may be found.
    std::optional<std::map<core::UserId, std::vector<std::string>>> only = {};
  };
  /// Best first, then by name, then by id: a stable order. Every word must fit a word of the
  /// name, title, role, service, location or username: exactly, as a beginning, or within a typing error.
  /// Inactive people come last.
  std::vector<std::shared_ptr<const Person>> search(const Query& query) const;

  std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<const Person> person;  // Shared: answers outlive changes.
    std::vector<std::string> name_words;
    std::vector<std::string> other_words;
    std::string sort_key;
  };
  static int score(const Entry& entry, const std::vector<std::string>& words,
                   const std::vector<std::string>* more);

  mutable std::shared_mutex mutex_;
  std::unordered_map<core::UserId, Entry> entries_;
};

}  // namespace wardline::directory
