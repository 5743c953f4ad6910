#include "lib/crypto/hash.h"

#include "lib/crypto/openssl/library.h"
#include "lib/crypto/openssl/must.h"
#include "lib/crypto/openssl/owned.h"

namespace wardline::crypto {
namespace {

/// One context per thread: a fresh one would cost a third more per hash.
EVP_MD_CTX* thread_context() {
  thread_local const DigestContext context(EVP_MD_CTX_new());
  must(context != nullptr);
  return context.get();
}

}  // namespace

void hash_into(HashAlgorithm algorithm, std::initializer_list<ByteView> parts, std::span<std::uint8_t> out) {
  EVP_MD_CTX* context = thread_context();
  must(out.size() == size_of(algorithm) && EVP_DigestInit_ex2(context, fetched(algorithm), nullptr) == 1);
  for (const ByteView part : parts) must(EVP_DigestUpdate(context, part.data(), part.size()) == 1);
  must(EVP_DigestFinal_ex(context, out.data(), nullptr) == 1);
}

Bytes hash(HashAlgorithm algorithm, std::initializer_list<ByteView> parts) {
  Bytes digest(size_of(algorithm));
  hash_into(algorithm, parts, digest);
  return digest;
}

Bytes hash(HashAlgorithm algorithm, ByteView data) { return hash(algorithm, {data}); }

struct Hasher::State {
  HashAlgorithm algorithm;
  DigestContext context;
};

Hasher::Hasher(HashAlgorithm algorithm)
    : state_(std::make_unique<State>(State{algorithm, DigestContext(EVP_MD_CTX_new())})) {
  must(state_->context && EVP_DigestInit_ex2(state_->context.get(), fetched(algorithm), nullptr) == 1);
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(ByteView data) {
  must(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1);
}

Bytes Hasher::finish() {
  Bytes digest(size_of(state_->algorithm));
  must(EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) == 1);
  return digest;
}

}  // namespace wardline::crypto
