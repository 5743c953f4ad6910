#include "lib/mls/member/labels.h"

#include <array>
#include <cstdlib>

#include "lib/crypto/hash.h"
#include "lib/tls_codec/codec.h"

namespace wardline::mls {

// RFC 9420 §8: struct { uint16 length; opaque label<V> = "MLS 1.0 " + Label; opaque context<V>; } KDFLabel
SecretBytes expand_with_label(const crypto::Suite& suite, ByteView secret, std::string_view label,
                              ByteView context, std::size_t length) {
  constexpr std::string_view kPrefix = "MLS 1.0 ";
  tls::Writer info;
  info.uint(length, 2);
  info.length(kPrefix.size() + label.size());
  info.raw(as_bytes(kPrefix));
  info.raw(as_bytes(label));
  info.opaque(context);
  auto expanded = crypto::hkdf_expand(suite.hash, secret, info.bytes(), length);
  // A short secret in place of the real one would be worse than the end of the process.
  if (!expanded) std::abort();
  return std::move(*expanded);
}

SecretBytes derive_secret(const crypto::Suite& suite, ByteView secret, std::string_view label) {
  return expand_with_label(suite, secret, label, {}, suite.hash_size);
}

SecretBytes derive_tree_secret(const crypto::Suite& suite, ByteView secret, std::string_view label,
                               std::uint32_t generation, std::size_t length) {
  const std::array<std::uint8_t, 4> context = {
      static_cast<std::uint8_t>(generation >> 24), static_cast<std::uint8_t>(generation >> 16),
      static_cast<std::uint8_t>(generation >> 8), static_cast<std::uint8_t>(generation)};
  return expand_with_label(suite, secret, label, context, length);
}

std::size_t largest_expansion(const crypto::Suite& suite) {
  return std::min<std::size_t>(255 * suite.hash_size, 0xffff);
}

}  // namespace wardline::mls
