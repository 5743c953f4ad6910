// Hexadecimal, base64 (lib/bytes) and the TLS presentation language (lib/tls_codec): what is accepted is what
// would be written.
#include "lib/bytes/text.h"
#include "lib/tls_codec/codec.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

/// One of everything that the presentation language has, nested.
struct Inner {
  std::uint8_t small = 0;
  std::vector<std::uint16_t> numbers;
  std::optional<Bytes> perhaps;
  bool operator==(const Inner&) const = default;
  WARDLINE_TLS_FIELDS(small, numbers, perhaps)
};
struct Outer {
  std::uint64_t large = 0;
  std::array<std::uint8_t, 3> fixed{};
  std::string text;
  std::vector<Inner> items;
  std::vector<std::vector<Inner>> deeper;
  std::optional<std::vector<std::optional<Inner>>> optional;
  bool operator==(const Outer&) const = default;
  WARDLINE_TLS_FIELDS(large, fixed, text, items, deeper, optional)
};

void check_text(ByteView bytes) {
  const std::string text = as_text(bytes);
  if (const auto read = from_base64(text)) FUZZ_CHECK(to_base64(*read) == text, "base64 has one form");
  if (const auto read = from_base64url(text))
    FUZZ_CHECK(to_base64url(*read) == text, "base64url has one form");
  if (const auto read = from_hex(text))
    FUZZ_CHECK(to_hex(*read).size() == text.size(), "hexadecimal has one length");
  FUZZ_CHECK(from_base64(to_base64(bytes)) == to_bytes(bytes), "base64 comes back");
  FUZZ_CHECK(from_base64url(to_base64url(bytes)) == to_bytes(bytes), "base64url comes back");
  FUZZ_CHECK(from_hex(to_hex(bytes)) == to_bytes(bytes), "hexadecimal comes back");
}

void check_presentation(ByteView bytes) {
  const auto value = tls::decode<Outer>(bytes);
  if (!value) return;
  const Bytes again = tls::encode(*value);
  FUZZ_CHECK(equal(again, bytes), "a value has one presentation");
  FUZZ_CHECK(tls::decode<Outer>(again) == value, "a value comes back");
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wardline::fuzz::check_text({data, size});
  wardline::fuzz::check_presentation({data, size});
  return 0;
}
