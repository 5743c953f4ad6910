#include "server/storage/parameter.h"

#include "server/storage/failure.h"

namespace wardline::storage {
namespace {

// RFC 3629 §4: how many continuation bytes follow `lead`, and the range of the first of them; length 0 is
// malformed.
struct Sequence {
  std::size_t length;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
};

Sequence sequence_of(std::uint8_t lead) {
  if (lead < 0x80) return {1};
  if (lead >= 0xc2 && lead <= 0xdf) return {2};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};
  if (lead == 0xed) return {3, 0x80, 0x9f};  // No surrogates.
  if (lead >= 0xe1 && lead <= 0xef) return {3};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return {4};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {0};
}

// How many of the first bytes are ASCII without NUL, in blocks that the compiler compares at once: nearly all
// of what we store is.
std::size_t plain_prefix(ByteView text) {
  constexpr std::size_t kBlock = 32;
  std::size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock) {
    bool plain = true;
    for (std::size_t i = 0; i < kBlock; ++i) plain &= static_cast<std::uint8_t>(text[at + i] - 1) < 0x7f;
    if (!plain) break;
  }
  return at;
}

bool is_text(ByteView text) {
  for (std::size_t at = plain_prefix(text); at < text.size();) {
    const Sequence sequence = sequence_of(text[at]);
    if (text[at] == 0 || sequence.length == 0 || at + sequence.length > text.size()) return false;
    for (std::size_t i = 1; i < sequence.length; ++i) {
      const std::uint8_t low = i == 1 ? sequence.low : 0x80;
      const std::uint8_t high = i == 1 ? sequence.high : 0xbf;
      if (text[at + i] < low || text[at + i] > high) return false;
    }
    at += sequence.length;
  }
  return true;
}

}  // namespace

void check_text(ByteView text) {
  if (!is_text(text))
    throw StorageFailure(StorageFailure::Cause::invalid_text, "text parameter is not UTF-8");
}

std::int64_t Parameter::checked(bool fits, std::int64_t value) {
  if (!fits) throw StorageFailure(StorageFailure::Cause::misuse, "integer parameter beyond 63 bits");
  return value;
}

}  // namespace wardline::storage
