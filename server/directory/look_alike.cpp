#include "server/directory/look_alike.h"

#include <algorithm>
#include <vector>

#include "server/directory/name_fold.h"

namespace wardline::directory {
namespace {

constexpr std::size_t kSoundSize = 5;

// Soundex classes; letters that spellings swap (c, k, q; v, f; z, s, j) share one. 0: vowels and what is not
// heard.
char class_of(char letter) {
  switch (letter) {
    case 'b':
    case 'p':
      return '1';
    case 'f':
    case 'v':
    case 'w':
      return '7';
    case 'c':
    case 'k':
    case 'q':
    case 'g':
    case 'x':
    case 's':
    case 'z':
    case 'j':
      return '2';
    case 'd':
    case 't':
      return '3';
    case 'l':
      return '4';
    case 'm':
    case 'n':
      return '5';
    case 'r':
      return '6';
    default:
      return '0';
  }
}

// "ph" is heard as f, "ck" as k, "dt" as t.
std::string spoken(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char next = i + 1 < word.size() ? word[i + 1] : '\0';
    if (word[i] == 'p' && next == 'h') {
      out += 'f';
      ++i;
    } else if (word[i] == 'd' && next == 't') {
      out += 't';
      ++i;
    } else {
      out += word[i];
    }
  }
  return out;
}

std::size_t tolerance_for(std::size_t size) { return size <= 3 ? 0 : size <= 7 ? 1 : 2; }

bool words_alike(std::string_view a, std::string_view b) {
  const std::size_t most = tolerance_for(std::min(a.size(), b.size()));
  if (edit_distance(a, b, most) <= most) return true;
  const std::string sound = sound_of(a);
  return !sound.empty() && sound == sound_of(b);
}

struct Parts {
  std::string given;
  std::string family;
};

// Titles are no part of a name; neither are second given names, which come and go.
Parts parts_of(std::string_view name) {
  auto words = fold_words(name);
  std::erase_if(words,
                [](const std::string& word) { return word == "dr" || word == "prof" || word == "med"; });
  if (words.empty()) return {};
  return {words.front(), words.back()};
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  const std::size_t gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (gap > most) return most + 1;
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    if (least > most) return most + 1;
    std::swap(before, above);
    std::swap(above, row);
  }
  return std::min(above[b.size()], most + 1);
}

std::string sound_of(std::string_view folded_word) {
  const std::string word = spoken(folded_word);
  std::string sound;
  char last = '\0';
  for (const char letter : word) {
    if (letter < 'a' || letter > 'z') continue;
    const char heard = class_of(letter);
    if (sound.empty()) {
      sound += heard == '0' ? 'a' : heard;  // All vowels begin alike: Eileen, Aileen.
    } else if (heard != '0' && heard != last) {
      sound += heard;
    }
    if (letter != 'h' && letter != 'w') last = heard;
    if (sound.size() == kSoundSize) break;
  }
  return sound;
}

bool look_alike(std::string_view a, std::string_view b) {
  const Parts left = parts_of(a);
  const Parts right = parts_of(b);
  if (left.family.empty() || right.family.empty()) return false;
  if (words_alike(left.family, right.family) && words_alike(left.given, right.given)) return true;
  return words_alike(left.given, right.family) &&
         words_alike(left.family, right.given);  // Thomas Martin, Martin Thomas
}

}  // namespace wardline::directory
