#include "lib/content/utf8.h"

namespace wardline::content {
namespace {

/// A row of the table of RFC 3629 §4: which second byte may follow which first one, and how many follow in
/// all.
struct Lead {
  std::uint8_t first;
  std::uint8_t last;
  std::size_t following;
  std::uint8_t second_from;
  std::uint8_t second_to;
};
constexpr Lead kLeads[] = {
    {0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

bool between(std::uint8_t byte, std::uint8_t from, std::uint8_t to) { return byte >= from && byte <= to; }

}  // namespace

bool is_utf8(ByteView bytes) {
  while (!bytes.empty()) {
    const auto* lead = std::ranges::find_if(
        kLeads, [&](const Lead& each) { return between(bytes.front(), each.first, each.last); });
    if (lead == std::end(kLeads) || bytes.size() <= lead->following) return false;
    if (lead->following > 0 && !between(bytes[1], lead->second_from, lead->second_to)) return false;
    for (std::size_t i = 2; i <= lead->following; ++i) {
      if (!between(bytes[i], 0x80, 0xbf)) return false;
    }
    bytes = bytes.subspan(lead->following + 1);
  }
  return true;
}

}  // namespace wardline::content
