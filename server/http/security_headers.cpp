#include "server/http/security_headers.h"

#include <string>

namespace wardline::http {
namespace {

constexpr std::string_view kCommon =
    "strict-transport-security: max-age=63072000; includeSubDomains\r\n"
    "x-content-type-options: nosniff\r\n"
    "referrer-policy: no-referrer\r\n"
    "cross-origin-opener-policy: same-origin\r\n"
    "cross-origin-resource-policy: same-origin\r\n"
    "permissions-policy: camera=(self), microphone=(self), publickey-credentials-get=(self), "
    "publickey-credentials-create=(self), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), "
    "hid=(), "
    "midi=(), display-capture=()\r\n";

}  // namespace

std::string_view api_security_fields() {
  static const std::string fields =
      std::string(kCommon) + "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n";
  return fields;
}

std::string_view web_security_fields() {
  static const std::string fields =
      std::string(kCommon) +
      "content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
      "connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; worker-src "
      "'self'; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n";
  return fields;
}

}  // namespace wardline::http
