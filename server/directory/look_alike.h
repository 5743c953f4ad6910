// Which names a hurried reader or listener takes for one another (SAF-4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wardline::directory {

/// Damerau–Levenshtein distance (restricted: no substring edited twice), or `most + 1` where it is larger.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most);

/// How a folded word sounds, in the manner of Soundex with the first letter folded into its class as well:
/// "catherine" and "kathryn", "meier" and "mayr" agree. Empty for what has no Latin letters.
std::string sound_of(std::string_view folded_word);

/// Whether two full names (family name last, as people write them) look or sound alike. Symmetric. Equal
/// names do.
bool look_alike(std::string_view a, std::string_view b);

}  // namespace wardline::directory
