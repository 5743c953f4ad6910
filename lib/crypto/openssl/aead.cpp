#include "lib/crypto/aead.h"

#include <climits>

#include "lib/crypto/openssl/library.h"
#include "lib/crypto/openssl/owned.h"

namespace wardline::crypto {

struct AeadKey::State {
  CipherContext context;
};

namespace {

bool fits_int(ByteView view) { return view.size() <= INT_MAX - 2 * kTagSize; }

Result<CipherContext> make_context(AeadAlgorithm algorithm, ByteView key) {
  if (key.size() != key_size_of(algorithm)) return std::unexpected(Error::bad_length);
  const EVP_CIPHER* cipher = library().ciphers[static_cast<std::size_t>(algorithm) - 1];
  if (cipher == nullptr) return std::unexpected(Error::unsupported);
  CipherContext context(EVP_CIPHER_CTX_new());
  if (!context || EVP_EncryptInit_ex2(context.get(), cipher, key.data(), nullptr, nullptr) != 1) {
    return refused(Error::provider_failure);
  }
  return context;
}

/// An empty piece must not reach OpenSSL: a null pointer has a meaning of its own there.
bool update(EVP_CIPHER_CTX* context, std::uint8_t* out, ByteView in) {
  int written = 0;
  return in.empty() ||
         (EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size())) == 1 &&
          (out == nullptr || written == static_cast<int>(in.size())));
}

Result<void> seal_with(EVP_CIPHER_CTX* context, Bytes& to, ByteView nonce, ByteView associated_data,
                       ByteView plaintext) {
  if (nonce.size() != kNonceSize || !fits_int(associated_data) || !fits_int(plaintext)) {
    return std::unexpected(Error::bad_length);
  }
  const std::size_t before = to.size();
  to.resize(before + plaintext.size() + kTagSize);
  std::uint8_t* const sealed = to.data() + before;
  std::uint8_t* const tag = sealed + plaintext.size();
  int written = 0;
  if (EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), 1, nullptr) != 1 ||
      !update(context, nullptr, associated_data) || !update(context, sealed, plaintext) ||
      EVP_CipherFinal_ex(context, tag, &written) != 1 || written != 0 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagSize), tag) != 1) {
    to.resize(before);
    return refused(Error::provider_failure);
  }
  return {};
}

Result<Bytes> seal_alone(EVP_CIPHER_CTX* context, ByteView nonce, ByteView associated_data,
                         ByteView plaintext) {
  Bytes sealed;
  const auto done = seal_with(context, sealed, nonce, associated_data, plaintext);
  if (!done) return std::unexpected(done.error());
  return sealed;
}

Result<SecretBytes> open_with(EVP_CIPHER_CTX* context, ByteView nonce, ByteView associated_data,
                              ByteView ciphertext) {
  if (nonce.size() != kNonceSize || !fits_int(associated_data) || !fits_int(ciphertext)) {
    return std::unexpected(Error::bad_length);
  }
  if (ciphertext.size() < kTagSize) return std::unexpected(Error::open_failed);
  const ByteView body = ciphertext.first(ciphertext.size() - kTagSize);
  auto* tag = const_cast<std::uint8_t*>(ciphertext.data() + body.size());
  SecretBytes plaintext(body.size());
  std::uint8_t nothing[kTagSize];
  int written = 0;
  if (EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), 0, nullptr) != 1 ||
      !update(context, nullptr, associated_data) || !update(context, plaintext.writable().data(), body) ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagSize), tag) != 1) {
    return refused(Error::provider_failure);
  }
  if (EVP_CipherFinal_ex(context, nothing, &written) != 1) return refused(Error::open_failed);
  return plaintext;
}

}  // namespace

Result<Bytes> aead_seal(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView associated_data,
                        ByteView plaintext) {
  const auto context = make_context(algorithm, key);
  if (!context) return std::unexpected(context.error());
  return seal_alone(context->get(), nonce, associated_data, plaintext);
}

Result<SecretBytes> aead_open(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView associated_data,
                              ByteView ciphertext) {
  const auto context = make_context(algorithm, key);
  if (!context) return std::unexpected(context.error());
  return open_with(context->get(), nonce, associated_data, ciphertext);
}

AeadKey::AeadKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
AeadKey::~AeadKey() = default;
AeadKey::AeadKey(AeadKey&&) noexcept = default;
AeadKey& AeadKey::operator=(AeadKey&&) noexcept = default;

Result<AeadKey> AeadKey::create(AeadAlgorithm algorithm, ByteView key) {
  auto context = make_context(algorithm, key);
  if (!context) return std::unexpected(context.error());
  return AeadKey(std::make_unique<State>(State{std::move(*context)}));
}

Result<Bytes> AeadKey::seal(ByteView nonce, ByteView associated_data, ByteView plaintext) {
  return seal_alone(state_->context.get(), nonce, associated_data, plaintext);
}

Result<void> AeadKey::seal_onto(Bytes& to, ByteView nonce, ByteView associated_data, ByteView plaintext) {
  return seal_with(state_->context.get(), to, nonce, associated_data, plaintext);
}

Result<SecretBytes> AeadKey::open(ByteView nonce, ByteView associated_data, ByteView ciphertext) {
  return open_with(state_->context.get(), nonce, associated_data, ciphertext);
}

}  // namespace wardline::crypto
