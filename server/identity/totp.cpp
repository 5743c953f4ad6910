#include "server/identity/totp.h"

#include <array>
#include <stdexcept>

#include <liboath/oath.h>

namespace wardline::identity {
namespace {

constexpr std::int64_t kStepSeconds = 30;
constexpr unsigned kDigits = 6;

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

}  // namespace

std::int64_t totp_step(core::Time now) { return now.microseconds / (kStepSeconds * 1'000'000); }

std::string totp_code(ByteView secret, std::int64_t step) {
  std::array<char, kDigits + 1> code{};
  const int status = oath_totp_generate(reinterpret_cast<const char*>(secret.data()), secret.size(),
                                        step * kStepSeconds, kStepSeconds, 0, kDigits, code.data());
  if (status != OATH_OK) throw std::runtime_error("liboath does not make a code");
  return {code.data(), kDigits};
}

std::optional<std::int64_t> verify_totp(ByteView secret, std::string_view code, core::Time now,
                                        std::int64_t last_accepted_step) {
  std::optional<std::int64_t> accepted;
  const std::int64_t current = totp_step(now);
  for (const std::int64_t step : {current - 1, current, current + 1}) {
    const bool same = constant_time_equal(as_bytes(totp_code(secret, step)), as_bytes(code));
    if (same && step > last_accepted_step) accepted = step;
  }
  return accepted;
}

std::string totp_secret_text(ByteView secret) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const std::uint8_t byte : secret) {
    pending = pending << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[pending >> (bits - 5) & 31];
  }
  if (bits > 0) text += kAlphabet[pending << (5 - bits) & 31];
  return text;
}

std::string otpauth_uri(std::string_view issuer, std::string_view account, ByteView secret) {
  return "otpauth://totp/" + percent_encoded(issuer) + ":" + percent_encoded(account) +
         "?secret=" + totp_secret_text(secret) + "&issuer=" + percent_encoded(issuer) +
         "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace wardline::identity
