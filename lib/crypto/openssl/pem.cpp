#include "lib/crypto/x509/pem.h"

#include <climits>
#include <openssl/pem.h>

#include "lib/crypto/openssl/must.h"
#include "lib/crypto/openssl/pkey.h"

namespace wardline::crypto {
namespace {

using BioPtr = Owned<BIO, BIO_free_all>;

BioPtr reader_of(ByteView text) {
  if (text.size() > INT_MAX) return nullptr;
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

ByteView content_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {reinterpret_cast<std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

/// Without this OpenSSL would ask on the terminal.
int no_password(char*, int, int, void*) { return -1; }

}  // namespace

std::string to_pem(const Certificate& certificate) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  const Bytes& der = certificate.der();
  must(out && PEM_write_bio(out.get(), PEM_STRING_X509, "", der.data(), static_cast<long>(der.size())) > 0);
  return as_text(content_of(out.get()));
}

Result<Certificate> certificate_from_pem(std::string_view text) {
  const BioPtr in = reader_of(as_bytes(text));
  unsigned char* der = nullptr;
  long size = 0;
  if (!in || PEM_bytes_read_bio(&der, &size, nullptr, PEM_STRING_X509, in.get(), no_password, nullptr) != 1) {
    return refused(Error::bad_certificate);
  }
  auto certificate = Certificate::parse({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return certificate;
}

SecretBytes to_pem(const SigningKey& key) {
  const KeyType type = key_type_of(key.algorithm());
  const SecretBytes raw = key.to_raw();
  const auto parsed = parse_private_key(type, raw.view(), key.public_key());
  const BioPtr out(BIO_new(BIO_s_secmem()));  // Wiped when freed.
  must(parsed && out &&
       PEM_write_bio_PrivateKey_ex(out.get(), parsed->get(), nullptr, nullptr, 0, no_password, nullptr,
                                   library().context, library().properties.c_str()) == 1);
  return SecretBytes(content_of(out.get()));
}

Result<SigningKey> signing_key_from_pem(ByteView text) {
  const BioPtr in = reader_of(text);
  if (!in) return refused(Error::bad_key);
  const PkeyPtr key(PEM_read_bio_PrivateKey_ex(in.get(), nullptr, no_password, nullptr, library().context,
                                               library().properties.c_str()));
  if (!key) return refused(Error::bad_key);
  const auto algorithm = signature_algorithm_of(key.get());
  if (!algorithm) return refused(Error::unsupported);
  const SecretBytes raw = raw_private_key(key_type_of(*algorithm), key.get());
  return SigningKey::from_raw(*algorithm, raw.view());
}

}  // namespace wardline::crypto
