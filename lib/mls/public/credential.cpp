#include "lib/mls/public/credential.h"

namespace wardline::mls {

CredentialType Credential::type() const {
  return std::visit(Match{
                        [](const BasicCredential&) { return CredentialType::basic; },
                        [](const X509Credential&) { return CredentialType::x509; },
                        [](const UnknownCredential& unknown) { return unknown.type; },
                    },
                    value);
}

void Credential::tls_write(tls::Writer& out) const {
  tls::write(out, type());
  std::visit(Match{
                 [&](const BasicCredential& basic) { tls::write(out, basic.identity); },
                 [&](const X509Credential& x509) { tls::write(out, x509.certificates); },
                 [&](const UnknownCredential& unknown) { tls::write(out, unknown.data); },
             },
             value);
}

void Credential::tls_read(tls::Reader& in) {
  CredentialType wire_type{};
  tls::read(in, wire_type);
  switch (wire_type) {
    case CredentialType::basic:
      return tls::read(in, value.emplace<BasicCredential>().identity);
    case CredentialType::x509:
      return tls::read(in, value.emplace<X509Credential>().certificates);
  }
  auto& unknown = value.emplace<UnknownCredential>();
  unknown.type = wire_type;
  tls::read(in, unknown.data);
}

}  // namespace wardline::mls
