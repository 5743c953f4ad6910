#include "server/directory/name_fold.h"

#include <cstdint>

namespace wardline::directory {
namespace {

// U+00C0 … U+017F without their accents; '_' keeps what has no plain letter. Two-letter results are handled
// before.
constexpr std::string_view kLatin =
    "aaaaaaaceeeeiiiidnooooo_ouuuuy_saaaaaaaceeeeiiiidnooooo_ouuuuy_y"   // U+00C0–U+00FF
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"   // U+0100–U+013F
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";  // U+0140–U+017F
static_assert(kLatin.size() == 0x180 - 0xC0);

/// The code point at `at`, which moves on; bytes that are no UTF-8 stand for themselves.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at++);
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  if (more == 0 || at + static_cast<std::size_t>(more) > text.size()) return first;
  char32_t value = first & (0x3F >> more);
  for (int i = 0; i < more; ++i) value = value << 6 | (byte(at++) & 0x3F);
  return value;
}

bool is_apostrophe(char32_t c) { return c == '\'' || c == 0x2019 || c == 0x2BC || c == 0x60 || c == 0xB4; }

void append_folded(std::string& out, char32_t c, std::string_view original) {
  if (c == 0xDF || c == 0x1E9E) {
    out += "ss";
  } else if (c == 0xDE || c == 0xFE) {
    out += "th";
  } else if (c >= 0xC0 && c < 0x180 && kLatin[c - 0xC0] != '_') {
    out += kLatin[c - 0xC0];
  } else if (c >= 'A' && c <= 'Z') {
    out += static_cast<char>(c - 'A' + 'a');
  } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
    out += static_cast<char>(c);
  } else if (c > 0x17F && !(c >= 0x2000 && c <= 0x206F)) {
    out += original;
  } else if (!out.empty() && out.back() != ' ') {
    out += ' ';
  }
}

// "ae" for "ä" and so on: whichever way somebody typed it, one letter remains. The classes that this merges
// are wider than German alone needs, which costs nothing where both sides are folded.
std::string without_umlaut_spelling(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    const bool vowel = text[i] == 'a' || text[i] == 'o' || text[i] == 'u';
    if (vowel && i + 1 < text.size() && text[i + 1] == 'e') ++i;
  }
  return out;
}

}  // namespace

std::string fold_name(std::string_view utf8) {
  std::string plain;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t start = at;
    const char32_t c = next_code_point(utf8, at);
    if (!is_apostrophe(c)) append_folded(plain, c, utf8.substr(start, at - start));
  }
  if (plain.ends_with(' ')) plain.pop_back();
  return without_umlaut_spelling(plain);
}

std::vector<std::string> fold_words(std::string_view utf8) {
  std::vector<std::string> words;
  const std::string folded = fold_name(utf8);
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t end = std::min(folded.find(' ', at), folded.size());
    if (end > at) words.push_back(folded.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace wardline::directory
