#include "client/account/totp.h"

#include <memory>

#include <liboath/oath.h>

namespace wardline::client {

std::optional<std::string> totp_code(std::string_view secret, std::int64_t now) {
  char* raw = nullptr;
  std::size_t size = 0;
  if (oath_base32_decode(secret.data(), secret.size(), &raw, &size) != OATH_OK) return std::nullopt;
  const std::unique_ptr<char, void (*)(void*)> owner(raw, std::free);
  char code[7] = {};
  if (oath_totp_generate(raw, size, now, 30, 0, 6, code) != OATH_OK) return std::nullopt;
  return std::string(code);
}

}  // namespace wardline::client
