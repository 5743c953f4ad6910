#include "lib/crypto/hash.h"

#include "lib/crypto/host/imports.h"

namespace wardline::crypto {
namespace {

/// The parts one after the other; what they hold may be secret. One part is not copied.
class Joined {
 public:
  explicit Joined(std::initializer_list<ByteView> parts) {
    if (parts.size() == 1) {
      view_ = *parts.begin();
      return;
    }
    std::size_t size = 0;
    for (const ByteView part : parts) size += part.size();
    Bytes all;
    all.reserve(size);
    for (const ByteView part : parts) append(all, part);
    copy_ = SecretBytes(std::move(all));
    view_ = copy_.view();
  }
  ByteView view() const { return view_; }

 private:
  SecretBytes copy_;
  ByteView view_;
};

}  // namespace

void hash_into(HashAlgorithm algorithm, std::initializer_list<ByteView> parts, std::span<std::uint8_t> out) {
  const Joined joined(parts);
  host::host_hash(static_cast<std::uint32_t>(algorithm), joined.view().data(), joined.view().size(),
                  out.data());
}

Bytes hash(HashAlgorithm algorithm, std::initializer_list<ByteView> parts) {
  Bytes digest(size_of(algorithm));
  hash_into(algorithm, parts, digest);
  return digest;
}

Bytes hash(HashAlgorithm algorithm, ByteView data) { return hash(algorithm, {data}); }

// The host's calls are one-shot: input is collected. Nothing in the browser hashes more than a message.
struct Hasher::State {
  HashAlgorithm algorithm;
  Bytes input;
};

Hasher::Hasher(HashAlgorithm algorithm) : state_(std::make_unique<State>(State{algorithm, {}})) {}
Hasher::~Hasher() {
  if (state_) wipe(state_->input);
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
void Hasher::update(ByteView data) { append(state_->input, data); }
Bytes Hasher::finish() { return hash(state_->algorithm, state_->input); }

void hmac_into(HashAlgorithm algorithm, ByteView key, std::initializer_list<ByteView> parts,
               std::span<std::uint8_t> out) {
  const Joined joined(parts);
  host::host_hmac(static_cast<std::uint32_t>(algorithm), key.data(), key.size(), joined.view().data(),
                  joined.view().size(), out.data());
}

Bytes hmac(HashAlgorithm algorithm, ByteView key, ByteView data) {
  Bytes mac(size_of(algorithm));
  hmac_into(algorithm, key, {data}, mac);
  return mac;
}

}  // namespace wardline::crypto
