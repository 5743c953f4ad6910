// Passwords as they are stored: argon2id, or PBKDF2 where only approved algorithms may be used, computed by a
// bounded number of threads so that sign-ins cannot starve everything else.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include "lib/bytes/secret_bytes.h"
#include "server/core/error.h"

namespace wardline::identity {

enum class PasswordAlgorithm : std::uint8_t { argon2id, pbkdf2_hmac_sha256 };

struct PasswordParameters {
  PasswordAlgorithm algorithm = PasswordAlgorithm::argon2id;
  // OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 60 ms on our reference machine.
  std::uint32_t memory_kib = 19 * 1024;
  std::uint32_t passes = 2;
  std::uint32_t pbkdf2_iterations = 600'000;  ///< OWASP for PBKDF2-HMAC-SHA-256; FIPS mode
};

struct PasswordLimits {
  std::size_t running = 2;  ///< computations at a time
  std::size_t waiting =
      32;  ///< callers that may queue behind them, each for about their own share of the time
};

/// NIST SP 800-63B §5.1.1.2 asks for at least 8 characters and room for 64.
inline constexpr std::size_t kPasswordLeast = 12;
inline constexpr std::size_t kPasswordMost = 256;

/// Safe for use from many threads; its calls block.
class PasswordHasher {
 public:
  explicit PasswordHasher(PasswordParameters parameters = {}, PasswordLimits limits = {});

  /// The PHC string to store. Errors: `rate_limited` "sign-in-busy", `invalid` "password-length".
  core::Result<std::string> hash(ByteView password);

  struct Verdict {
    bool matches = false;
    bool outdated =
        false;  ///< hashed with other parameters than today's: hash it again while the password is here
  };
  /// Errors: `rate_limited` "sign-in-busy"; `internal` for a stored text that is no hash.
  core::Result<Verdict> verify(ByteView password, std::string_view stored);

  /// Takes the time of a verification that fails: for names that do not exist.
  core::Result<void> verify_nobody(ByteView password);

 private:
  class Slot;
  core::Result<Slot> enter();
  void leave();
  std::string current_prefix() const;

  const PasswordParameters parameters_;
  const PasswordLimits limits_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t running_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace wardline::identity
