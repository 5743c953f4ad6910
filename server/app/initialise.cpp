#include "server/app/initialise.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "lib/crypto/x509/tls_identity.h"
#include "server/app/backend.h"
#include "server/app/configuration.h"
#include "server/app/options.h"
#include "server/app/write_file.h"

namespace wardline::app {
namespace {

using core::ErrorKind;
using core::fail;
using core::Result;

constexpr std::chrono::days kCertificateLifetime{397};  // Browsers take no longer ones.

Result<void> check(const InitialiseOptions& options) {
  const auto plain = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
  };
  if (options.organisation.empty() || options.organisation.size() > 64 ||
      !std::ranges::all_of(options.organisation, plain))
    return fail(ErrorKind::invalid, "bad-option",
                "--organisation must have 1 to 64 characters, without quotes and backslashes.");
  const auto of_host = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':';
  };
  if (options.host.empty() || options.host.size() > 253 || !std::ranges::all_of(options.host, of_host))
    return fail(
        ErrorKind::invalid, "bad-option",
        "--host must be the name, in lower case, or the address under which people reach the server.");
  if (std::filesystem::exists(options.data / "wardline.toml"))
    return fail(
        ErrorKind::conflict, "already-initialised",
        fmt::format(
            "{} has a wardline.toml already. Start it with wardlined --data, or choose another directory.",
            options.data.string()));
  return {};
}

Result<void> make_certificate(const InitialiseOptions& options, const core::Clock& clock) {
  std::vector<std::string> hosts{options.host};
  for (const char* local : {"localhost", "127.0.0.1", "::1"})
    if (options.host != local) hosts.emplace_back(local);
  const core::Time now = clock.now();
  const auto identity =
      crypto::make_self_signed_tls_identity(hosts, {.not_before = (now - std::chrono::hours(1)).microseconds,
                                                    .not_after = (now + kCertificateLifetime).microseconds});
  if (!identity)
    return fail(ErrorKind::internal, "tls-certificate", "OpenSSL cannot make a certificate for that host.");
  const auto directory = options.data / "tls";
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (auto written = write_file(directory / "server.key", identity->key_pem.view(), 0600); !written)
    return written;
  return write_file(directory / "server.pem", as_bytes(identity->certificate_pem), 0644);
}

std::string origin_of(const InitialiseOptions& options) {
  const bool v6 = options.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + options.host + "]" : options.host;
  return "https://" + host + (options.port == 443 ? "" : ":" + std::to_string(options.port));
}

}  // namespace

Result<void> initialise(const InitialiseOptions& options, const core::Clock& clock) {
  if (auto good = check(options); !good) return good;
  const std::string text = initial_configuration(options.organisation, origin_of(options), options.port);
  const auto configuration =
      parse_configuration(text, "wardline.toml", std::filesystem::absolute(options.data));
  if (!configuration) return std::unexpected(configuration.error());
  {
    auto backend_options = backend_options_of(*configuration);
    backend_options.create = true;
    const auto backend = Backend::open(std::move(backend_options), clock);
    if (!backend) return std::unexpected(backend.error());
  }
  if (auto made = make_certificate(options, clock); !made) return made;
  // Last, because it is what makes a directory one that can be started from.
  return write_file(options.data / "wardline.toml", as_bytes(text), 0640);
}

}  // namespace wardline::app
