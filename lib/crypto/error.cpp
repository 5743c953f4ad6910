#include "lib/crypto/error.h"

namespace wardline::crypto {

std::string_view name_of(Error error) {
  switch (error) {
    case Error::bad_key:
      return "bad key";
    case Error::bad_signature:
      return "bad signature";
    case Error::open_failed:
      return "authenticated decryption failed";
    case Error::bad_length:
      return "bad length";
    case Error::unsupported:
      return "unsupported algorithm";
    case Error::bad_certificate:
      return "bad certificate";
    case Error::provider_failure:
      return "provider failure";
  }
  return "unknown error";
}

}  // namespace wardline::crypto
