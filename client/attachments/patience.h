// Trying again across networks that go away, and failures of this machine's own.
#pragma once

#include <algorithm>
#include <thread>

#include "client/attachments/transfer.h"

namespace wardline::client {

inline std::unexpected<HttpError> local(std::string code, std::string detail) {
  return std::unexpected(HttpError{0, std::move(code), std::move(detail)});
}

/// Where trying again may help: no answer, too many requests, or a server in trouble.
inline bool is_transient(const HttpError& error) {
  return (error.status == 0 && error.code == "no-connection") || error.status == 429 ||
         (error.status >= 500 && error.status != 507);
}

/// Waits longer after each failure in a row; false when it is time to give up.
class Patience {
 public:
  explicit Patience(const TransferOptions& options) : left_(options.attempts), pause_(options.pause) {}
  bool wait() {
    if (--left_ <= 0) return false;
    std::this_thread::sleep_for(pause_);
    pause_ = std::min<std::chrono::milliseconds>(2 * pause_, std::chrono::seconds(30));
    return true;
  }

 private:
  int left_;
  std::chrono::milliseconds pause_;
};

template <class Attempt>
auto patiently(const TransferOptions& options, const Attempt& attempt) -> decltype(attempt()) {
  Patience patience(options);
  for (;;) {
    auto result = attempt();
    if (result || !is_transient(result.error()) || !patience.wait()) return result;
  }
}

}  // namespace wardline::client
