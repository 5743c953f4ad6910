#include "server/identity/password.h"

#include <charconv>

#include <argon2.h>

#include "lib/bytes/text.h"
#include "lib/crypto/password_kdf.h"
#include "lib/crypto/random.h"

namespace wardline::identity {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kHashSize = 32;
constexpr std::string_view kPbkdf2 = "$pbkdf2-sha256$i=";

std::unexpected<core::Error> broken(std::string_view what) {
  return core::fail(core::ErrorKind::internal, "password-hash", std::string(what));
}

core::Result<std::string> argon2id(ByteView password, const PasswordParameters& parameters) {
  const Bytes salt = crypto::random_bytes(kSaltSize);
  std::string encoded(
      argon2_encodedlen(parameters.passes, parameters.memory_kib, 1, kSaltSize, kHashSize, Argon2_id), '\0');
  const int status =
      argon2id_hash_encoded(parameters.passes, parameters.memory_kib, 1, password.data(), password.size(),
                            salt.data(), salt.size(), kHashSize, encoded.data(), encoded.size());
  if (status != ARGON2_OK) return broken(argon2_error_message(status));
  encoded.resize(encoded.find('\0'));
  return encoded;
}

core::Result<std::string> pbkdf2(ByteView password, std::uint32_t iterations) {
  const Bytes salt = crypto::random_bytes(kSaltSize);
  const auto hash = crypto::pbkdf2_hmac_sha256(password, salt, iterations, kHashSize);
  if (!hash) return broken(crypto::name_of(hash.error()));
  return std::string(kPbkdf2) + std::to_string(iterations) + '$' + to_base64url(salt) + '$' +
         to_base64url(hash->view());
}

core::Result<bool> matches_pbkdf2(ByteView password, std::string_view stored) {
  stored.remove_prefix(kPbkdf2.size());
  std::uint32_t iterations = 0;
  const auto [end, status] = std::from_chars(stored.data(), stored.data() + stored.size(), iterations);
  if (status != std::errc() || end == stored.data() + stored.size()) return broken("iterations");
  stored.remove_prefix(static_cast<std::size_t>(end - stored.data()) + 1);
  const std::size_t dollar = stored.find('$');
  if (dollar == std::string_view::npos) return broken("shape");
  const auto salt = from_base64url(stored.substr(0, dollar));
  const auto expected = from_base64url(stored.substr(dollar + 1));
  if (!salt || !expected || expected->empty()) return broken("encoding");
  const auto hash = crypto::pbkdf2_hmac_sha256(password, *salt, iterations, expected->size());
  if (!hash) return broken(crypto::name_of(hash.error()));
  return constant_time_equal(hash->view(), *expected);
}

core::Result<bool> matches_argon2id(ByteView password, const std::string& stored) {
  const int status = argon2id_verify(stored.c_str(), password.data(), password.size());
  if (status == ARGON2_OK) return true;
  if (status == ARGON2_VERIFY_MISMATCH) return false;
  return broken(argon2_error_message(status));
}

}  // namespace

/// A place among the running computations, given back at the end of the scope.
class PasswordHasher::Slot {
 public:
  explicit Slot(PasswordHasher& hasher) : hasher_(&hasher) {}
  Slot(Slot&& other) noexcept : hasher_(std::exchange(other.hasher_, nullptr)) {}
  Slot& operator=(Slot&&) = delete;
  ~Slot() {
    if (hasher_ != nullptr) hasher_->leave();
  }

 private:
  PasswordHasher* hasher_;
};

PasswordHasher::PasswordHasher(PasswordParameters parameters, PasswordLimits limits)
    : parameters_(parameters), limits_(limits) {}

core::Result<PasswordHasher::Slot> PasswordHasher::enter() {
  std::unique_lock lock(mutex_);
  if (running_ >= limits_.running) {
    if (waiting_ >= limits_.waiting) {
      return core::fail(core::ErrorKind::rate_limited, "sign-in-busy",
                        "Many people are signing in right now. Try again in a moment.",
                        {{"retry_after_seconds", 2}});
    }
    ++waiting_;
    freed_.wait(lock, [this] { return running_ < limits_.running; });
    --waiting_;
  }
  ++running_;
  return Slot(*this);
}

void PasswordHasher::leave() {
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  freed_.notify_one();
}

std::string PasswordHasher::current_prefix() const {
  if (parameters_.algorithm == PasswordAlgorithm::pbkdf2_hmac_sha256) {
    return std::string(kPbkdf2) + std::to_string(parameters_.pbkdf2_iterations) + '$';
  }
  return "$argon2id$v=19$m=" + std::to_string(parameters_.memory_kib) +
         ",t=" + std::to_string(parameters_.passes) + ",p=1$";
}

core::Result<std::string> PasswordHasher::hash(ByteView password) {
  if (password.size() < kPasswordLeast || password.size() > kPasswordMost) {
    return core::fail(core::ErrorKind::invalid, "password-length",
                      "Use at least 12 and at most 256 characters.");
  }
  const auto slot = enter();
  if (!slot) return std::unexpected(slot.error());
  if (parameters_.algorithm == PasswordAlgorithm::argon2id) return argon2id(password, parameters_);
  return pbkdf2(password, parameters_.pbkdf2_iterations);
}

core::Result<PasswordHasher::Verdict> PasswordHasher::verify(ByteView password, std::string_view stored) {
  const auto slot = enter();
  if (!slot) return std::unexpected(slot.error());
  const auto matches = stored.starts_with(kPbkdf2) ? matches_pbkdf2(password, stored)
                                                   : matches_argon2id(password, std::string(stored));
  if (!matches) return std::unexpected(matches.error());
  return Verdict{.matches = *matches, .outdated = !stored.starts_with(current_prefix())};
}

core::Result<void> PasswordHasher::verify_nobody(ByteView password) {
  const auto slot = enter();
  if (!slot) return std::unexpected(slot.error());
  const auto made = parameters_.algorithm == PasswordAlgorithm::argon2id
                        ? argon2id(password, parameters_)
                        : pbkdf2(password, parameters_.pbkdf2_iterations);
  if (!made) return std::unexpected(made.error());
  return {};
}

}  // namespace wardline::identity
