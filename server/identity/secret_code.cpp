#include "server/identity/secret_code.h"

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace wardline::identity {
namespace {

constexpr std::size_t kTokenSize = 32;
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

std::string new_token() { return to_base64url(crypto::random_bytes(kTokenSize)); }

std::optional<Bytes> token_hash(std::string_view token) {
  const auto bytes = from_base64url(token);
  if (!bytes || bytes->size() != kTokenSize) return std::nullopt;
  return crypto::sha256(*bytes);
}

std::string new_activation_code() {
  std::string code;
  for (const std::uint8_t byte : crypto::random_bytes(12)) {
    if (code.size() == 4 || code.size() == 9) code += '-';
    code += kCrockford[byte & 31];
  }
  return code;
}

std::string normalised_code(std::string_view typed) {
  std::string code;
  for (char c : typed) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    code += c;
  }
  return code;
}

}  // namespace wardline::identity
