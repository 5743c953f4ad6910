// Certificates: OpenSSL's reader and ours for browsers agree on every input that both accept, and PEM comes
// back as it was.
#include "lib/crypto/x509/certificate.h"
#include "lib/crypto/x509/fields.h"
#include "lib/crypto/x509/pem.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

void check_der(ByteView der) {
  const auto certificate = crypto::Certificate::parse(der);
  const auto fields = crypto::read_certificate(der);
  if (certificate) {
    FUZZ_CHECK(equal(certificate->der(), der), "a certificate has one DER form");
    const auto again = crypto::certificate_from_pem(crypto::to_pem(*certificate));
    FUZZ_CHECK(again.has_value() && equal(again->der(), der), "a certificate survives PEM");
    static_cast<void>(certificate->verify_issued_by(*certificate, certificate->validity().not_before));
  }
  if (!certificate || !fields) return;
  FUZZ_CHECK(certificate->serial() == fields->serial, "both readers see the same serial number");
  FUZZ_CHECK(certificate->subject_name() == fields->subject.der, "both readers see the same subject");
  FUZZ_CHECK(certificate->common_name() == fields->subject.common_name, "both readers see the same person");
  FUZZ_CHECK(certificate->uris() == fields->uris, "both readers see the same device");
  FUZZ_CHECK(certificate->validity().not_before == fields->validity.not_before &&
                 certificate->validity().not_after == fields->validity.not_after,
             "both readers see the same dates");
  FUZZ_CHECK(!fields->is_authority || certificate->is_authority() || fields->has_unknown_critical_extension,
             "nobody is an authority in browsers alone");
  if (certificate->key()) {
    FUZZ_CHECK(
        fields->key_algorithm == certificate->key()->algorithm() && certificate->key()->raw() == fields->key,
        "both readers see the same key");
  }
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  const ByteView input(data, size);
  if (as_text(input).starts_with("-----")) {
    static_cast<void>(crypto::certificate_from_pem(as_text(input)));
    static_cast<void>(crypto::signing_key_from_pem(input));
  } else {
    fuzz::check_der(input);
  }
  return 0;
}
