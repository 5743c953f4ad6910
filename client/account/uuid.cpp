#include "client/account/uuid.h"

#include <chrono>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace wardline::client {
namespace {

std::string text_of(Bytes bytes, std::uint8_t version) {
  bytes[6] = static_cast<std::uint8_t>(version << 4 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

}  // namespace

std::string new_uuid() {
  Bytes bytes = crypto::random_bytes(16);
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(now.count() >> (40 - 8 * i));
  return text_of(std::move(bytes), 7);
}

std::string derived_id(std::string_view id, std::string_view purpose) {
  const std::uint8_t between = 0;
  Bytes bytes = crypto::hash(crypto::HashAlgorithm::sha256, {as_bytes(id), {&between, 1}, as_bytes(purpose)});
  bytes.resize(16);
  return text_of(std::move(bytes), 8);
}

}  // namespace wardline::client
