#include "lib/crypto/ecdsa_form.h"

#include "lib/crypto/x509/der.h"
#include "lib/crypto/x509/der_reader.h"

namespace wardline::crypto {

std::size_t ecdsa_field_size(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_p256_sha256:
      return 32;
    case SignatureAlgorithm::ecdsa_p384_sha384:
      return 48;
    case SignatureAlgorithm::ecdsa_p521_sha512:
      return 66;
    case SignatureAlgorithm::ed25519:
    case SignatureAlgorithm::ed448:
      break;
  }
  return 0;
}

Bytes ecdsa_der_from_joined(ByteView joined) {
  const std::size_t half = joined.size() / 2;
  return der::sequence({der::integer(joined.first(half)), der::integer(joined.subspan(half))});
}

Result<Bytes> ecdsa_joined_from_der(ByteView der, std::size_t field_size) {
  der::Reader outer(der);
  der::Reader inner(outer.take(der::Tag::sequence));
  Bytes joined;
  for (int i = 0; i < 2; ++i) {
    const ByteView number = inner.take_unsigned();
    if (number.empty() || number.size() > field_size) return std::unexpected(Error::bad_signature);
    joined.insert(joined.end(), field_size - number.size(), 0);
    append(joined, number);
  }
  if (!inner.at_end() || !outer.at_end()) return std::unexpected(Error::bad_signature);
  return joined;
}

}  // namespace wardline::crypto
