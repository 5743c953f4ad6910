#include "lib/bytes/base64_blocks.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace wardline {

#if defined(__x86_64__)

namespace {

// A block is 24 bytes, or 32 letters: 12 and 16 in each half of a register.
constexpr std::size_t kBytes = 24;
constexpr std::size_t kLetters = 32;

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

__attribute__((target("avx2"))) __m256i in_range(__m256i letters, char first, char last) {
  const __m256i from = _mm256_cmpgt_epi8(letters, _mm256_set1_epi8(static_cast<char>(first - 1)));
  const __m256i to = _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(last + 1)), letters);
  return _mm256_and_si256(from, to);
}

__attribute__((target("avx2"))) __m256i step(__m256i which, int by) {
  return _mm256_and_si256(which, _mm256_set1_epi8(static_cast<char>(by)));
}

__attribute__((target("avx2"))) std::size_t encode(const std::uint8_t* in, std::size_t size, char* out,
                                                   Base64Letters letters) {
  // Of three bytes a, b, c the two words b a and c b, which hold two letters each.
  const __m256i spread =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
  // What is added to a value to make it a letter: first of 26 to 51, then of each from 52 on, last of 0
  // to 25.
  const char digit = '0' - 52;
  const __m256i steps = _mm256_broadcastsi128_si256(
      _mm_setr_epi8('a' - 26, digit, digit, digit, digit, digit, digit, digit, digit, digit, digit,
                    static_cast<char>(letters.of_62 - 62), static_cast<char>(letters.of_63 - 63), 'A', 0, 0));
  std::size_t done = 0;
  for (; size - done >= kBytes + 4;
       done += kBytes, out += kLetters) {  // The second half reads 16 from 12 on.
    const auto* const from = in + done;
    const __m256i bytes = _mm256_shuffle_epi8(
        _mm256_set_m128i(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + kBytes / 2)),
                         _mm_loadu_si128(reinterpret_cast<const __m128i*>(from))),
        spread);
    const __m256i first_and_third = _mm256_mulhi_epu16(_mm256_and_si256(bytes, _mm256_set1_epi32(0x0fc0fc00)),
                                                       _mm256_set1_epi32(0x04000040));
    const __m256i second_and_fourth = _mm256_mullo_epi16(
        _mm256_and_si256(bytes, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
    const __m256i values = _mm256_or_si256(first_and_third, second_and_fourth);
    const __m256i is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
    const __m256i kind = _mm256_or_si256(_mm256_subs_epu8(values, _mm256_set1_epi8(51)),
                                         _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
    const __m256i text = _mm256_add_epi8(values, _mm256_shuffle_epi8(steps, kind));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), text);
  }
  return done;
}

__attribute__((target("avx2"))) std::size_t decode(const char* in, std::size_t size, std::uint8_t* out,
                                                   Base64Letters letters) {
  const __m256i pack =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
  std::size_t done = 0;
  for (; size - done >= kLetters + 8;
       done += kLetters, out += kBytes) {  // The second half writes 16 from 12 on.
    const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + done));
    const __m256i upper = in_range(text, 'A', 'Z');
    const __m256i lower = in_range(text, 'a', 'z');
    const __m256i digit = in_range(text, '0', '9');
    const __m256i is_62 = _mm256_cmpeq_epi8(text, _mm256_set1_epi8(letters.of_62));
    const __m256i is_63 = _mm256_cmpeq_epi8(text, _mm256_set1_epi8(letters.of_63));
    const __m256i known =
        _mm256_or_si256(_mm256_or_si256(_mm256_or_si256(upper, lower), digit), _mm256_or_si256(is_62, is_63));
    if (_mm256_movemask_epi8(known) != -1) break;
    const __m256i steps = _mm256_or_si256(
        _mm256_or_si256(_mm256_or_si256(step(upper, -'A'), step(lower, 26 - 'a')), step(digit, 52 - '0')),
        _mm256_or_si256(step(is_62, 62 - letters.of_62), step(is_63, 63 - letters.of_63)));
    const __m256i values = _mm256_add_epi8(text, steps);
    const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
    const __m256i groups = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    const __m256i bytes = _mm256_shuffle_epi8(groups, pack);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(bytes));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + kBytes / 2), _mm256_extracti128_si256(bytes, 1));
  }
  return done;
}

}  // namespace

std::size_t encode_base64_blocks(const std::uint8_t* in, std::size_t size, char* out, Base64Letters letters) {
  return size >= kBytes + 4 && has_avx2() ? encode(in, size, out, letters) : 0;
}

std::size_t decode_base64_blocks(const char* in, std::size_t size, std::uint8_t* out, Base64Letters letters) {
  return size >= kLetters + 8 && has_avx2() ? decode(in, size, out, letters) : 0;
}

#else

std::size_t encode_base64_blocks(const std::uint8_t*, std::size_t, char*, Base64Letters) { return 0; }
std::size_t decode_base64_blocks(const char*, std::size_t, std::uint8_t*, Base64Letters) { return 0; }

#endif

}  // namespace wardline
