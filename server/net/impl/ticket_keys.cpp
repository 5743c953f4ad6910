#include "server/net/impl/ticket_keys.h"

#include <array>
#include <chrono>
#include <cstring>
#include <mutex>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace wardline::net {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kLifetime = std::chrono::hours(1);

struct TicketKey {
  std::array<unsigned char, 16> name;
  std::array<unsigned char, 32> encryption;
  std::array<unsigned char, 32> authentication;
  Clock::time_point made;
};

class TicketKeys {
 public:
  ~TicketKeys() { OPENSSL_cleanse(keys_.data(), sizeof(keys_)); }

  bool current(TicketKey& key) {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (!made_ || now - keys_[0].made > kLifetime) {
      keys_[1] = keys_[0];
      if (RAND_bytes(reinterpret_cast<unsigned char*>(&keys_[0]), offsetof(TicketKey, made)) != 1)
        return false;
      keys_[0].made = now;
      if (!made_) keys_[1] = keys_[0];
      made_ = true;
    }
    key = keys_[0];
    return true;
  }

  bool find(const unsigned char* name, TicketKey& key) {
    const std::lock_guard lock(mutex_);
    for (const TicketKey& candidate : keys_) {
      if (!made_ || Clock::now() - candidate.made > 2 * kLifetime) continue;
      if (std::memcmp(candidate.name.data(), name, candidate.name.size()) != 0) continue;
      key = candidate;
      return true;
    }
    return false;
  }

 private:
  std::mutex mutex_;
  bool made_ = false;
  std::array<TicketKey, 2> keys_{};
};

int index_of_keys() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* keys, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<TicketKeys*>(keys); });
  return index;
}

bool set_mac_key(EVP_MAC_CTX* mac, TicketKey& key) {
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.authentication.data(),
                                                               key.authentication.size()),
                             OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                             OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) asks: 1 found, 0 not (full handshake), -1 failed.
int use_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
            int encrypt) {
  auto* keys = static_cast<TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), index_of_keys()));
  TicketKey key{};
  if (encrypt) {
    if (!keys->current(key) || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    std::memcpy(name, key.name.data(), key.name.size());
  } else if (!keys->find(name, key)) {
    return 0;
  }
  const bool ready = set_mac_key(mac, key) && EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr,
                                                                key.encryption.data(), iv, encrypt) == 1;
  OPENSSL_cleanse(&key, sizeof(key));
  return ready ? 1 : -1;
}

}  // namespace

void install_ticket_keys(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, index_of_keys(), new TicketKeys);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_key);
}

}  // namespace wardline::net
