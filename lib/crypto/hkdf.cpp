// HKDF (RFC 5869) over the backend's HMAC. By hand, because OpenSSL's own takes three times as long per call.
#include <algorithm>
#include <array>

#include "lib/crypto/hash.h"

namespace wardline::crypto {
namespace {

constexpr std::size_t kLargestHash = 64;

}  // namespace

SecretBytes hkdf_extract(HashAlgorithm algorithm, ByteView salt,
                         std::initializer_list<ByteView> input_key_material) {
  // RFC 5869 §2.2: a missing salt is a string of zeros, which HMAC makes of an empty key anyway.
  SecretBytes pseudo_random_key(size_of(algorithm));
  hmac_into(algorithm, salt, input_key_material, pseudo_random_key.writable());
  return pseudo_random_key;
}

SecretBytes hkdf_extract(HashAlgorithm algorithm, ByteView salt, ByteView input_key_material) {
  return hkdf_extract(algorithm, salt, {input_key_material});
}

Result<SecretBytes> hkdf_expand(HashAlgorithm algorithm, ByteView pseudo_random_key,
                                std::initializer_list<ByteView> info, std::size_t length) {
  const std::size_t block = size_of(algorithm);
  // RFC 5869 §2.3: L <= 255*HashLen.
  if (length > 255 * block) return std::unexpected(Error::bad_length);
  SecretBytes info_joined;
  if (info.size() != 1) {
    Bytes joined;
    for (const ByteView part : info) append(joined, part);
    info_joined = SecretBytes(std::move(joined));
  }
  const ByteView info_view = info.size() == 1 ? *info.begin() : info_joined.view();

  SecretBytes output(length);
  std::array<std::uint8_t, kLargestHash> previous;
  ByteView previous_view;  // T(0) is empty.
  std::size_t done = 0;
  for (std::uint8_t counter = 1; done < length; ++counter) {
    hmac_into(algorithm, pseudo_random_key, {previous_view, info_view, {&counter, 1}},
              std::span(previous).first(block));
    previous_view = ByteView(previous).first(block);
    const std::size_t take = std::min(block, length - done);
    std::ranges::copy(previous_view.first(take),
                      output.writable().begin() + static_cast<std::ptrdiff_t>(done));
    done += take;
  }
  wipe(previous);
  return output;
}

Result<SecretBytes> hkdf_expand(HashAlgorithm algorithm, ByteView pseudo_random_key, ByteView info,
                                std::size_t length) {
  return hkdf_expand(algorithm, pseudo_random_key, {info}, length);
}

}  // namespace wardline::crypto
