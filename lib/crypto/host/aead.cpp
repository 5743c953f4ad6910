#include "lib/crypto/aead.h"

#include "lib/crypto/host/imports.h"

namespace wardline::crypto {
namespace {

bool sizes_fit(AeadAlgorithm algorithm, ByteView key, ByteView nonce) {
  return key.size() == key_size_of(algorithm) && nonce.size() == kNonceSize;
}

}  // namespace

Result<Bytes> aead_seal(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView associated_data,
                        ByteView plaintext) {
  if (!sizes_fit(algorithm, key, nonce)) return std::unexpected(Error::bad_length);
  Bytes ciphertext(plaintext.size() + kTagSize);
  if (host::host_aead_seal(static_cast<std::uint32_t>(algorithm), key.data(), nonce.data(),
                           associated_data.data(), associated_data.size(), plaintext.data(), plaintext.size(),
                           ciphertext.data()) != 1) {
    return std::unexpected(Error::provider_failure);
  }
  return ciphertext;
}

Result<SecretBytes> aead_open(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView associated_data,
                              ByteView ciphertext) {
  if (!sizes_fit(algorithm, key, nonce)) return std::unexpected(Error::bad_length);
  if (ciphertext.size() < kTagSize) return std::unexpected(Error::open_failed);
  SecretBytes plaintext(ciphertext.size() - kTagSize);
  if (host::host_aead_open(static_cast<std::uint32_t>(algorithm), key.data(), nonce.data(),
                           associated_data.data(), associated_data.size(), ciphertext.data(),
                           ciphertext.size(), plaintext.writable().data()) != 1) {
    return std::unexpected(Error::open_failed);
  }
  return plaintext;
}

struct AeadKey::State {
  AeadAlgorithm algorithm;
  SecretBytes key;
};

AeadKey::AeadKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
AeadKey::~AeadKey() = default;
AeadKey::AeadKey(AeadKey&&) noexcept = default;
AeadKey& AeadKey::operator=(AeadKey&&) noexcept = default;

Result<AeadKey> AeadKey::create(AeadAlgorithm algorithm, ByteView key) {
  if (key.size() != key_size_of(algorithm)) return std::unexpected(Error::bad_length);
  return AeadKey(std::make_unique<State>(State{algorithm, SecretBytes(key)}));
}

Result<Bytes> AeadKey::seal(ByteView nonce, ByteView associated_data, ByteView plaintext) {
  return aead_seal(state_->algorithm, state_->key.view(), nonce, associated_data, plaintext);
}

Result<void> AeadKey::seal_onto(Bytes& to, ByteView nonce, ByteView associated_data, ByteView plaintext) {
  const auto sealed = seal(nonce, associated_data, plaintext);
  if (!sealed) return std::unexpected(sealed.error());
  append(to, *sealed);
  return {};
}

Result<SecretBytes> AeadKey::open(ByteView nonce, ByteView associated_data, ByteView ciphertext) {
  return aead_open(state_->algorithm, state_->key.view(), nonce, associated_data, ciphertext);
}

}  // namespace wardline::crypto
