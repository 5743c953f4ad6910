// Names as they are compared: case, accents, spelling of umlauts, hyphens and apostrophes do not matter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wardline::directory {

/// "Müller-Lüdenscheidt", "MUELLER LUEDENSCHEIDT" and "Muller Ludenscheidt" become the same text: lower case,
/// Latin accents removed, ae/oe/ue written a/o/u, ß as ss, apostrophes dropped, every other sign a single
/// space. Letters of other scripts stay as they are.
std::string fold_name(std::string_view utf8);

/// The folded words of a text.
std::vector<std::string> fold_words(std::string_view utf8);

}  // namespace wardline::directory
