// What wardline.toml says, read strictly: an unknown key, a wrong type or a value out of range refuses the
// start, with the line that it stands in.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "server/core/log.h"
#include "server/files/files.h"
#include "server/net/server.h"

namespace wardline::app {

struct Configuration {
  std::filesystem::path data;  ///< The data directory; what the file names relatively lies in it.

  std::string organisation = "Hospital";  ///< [organisation] name

  // [server]
  std::string address = "0.0.0.0";
  std::uint16_t port = 8443;
  std::string origin = "https://localhost:8443";  ///< As in the address bar; passkeys are bound to its host.
  unsigned threads = 0;                           ///< Of the network. 0: one for each two processors.
  unsigned workers = 16;
  std::chrono::seconds drain{20};

  // [tls]
  net::TlsFiles tls{.certificate = "tls/server.pem", .key = "tls/server.key"};

  // [storage]
  std::optional<std::string> postgres =
      std::nullopt;  ///< A connection string; nothing: SQLite in the data directory.

  // [web]
  std::optional<std::filesystem::path> web = std::nullopt;  ///< The built web client; nothing: the API alone.

  // [metrics]
  bool metrics = true;
  std::string metrics_address = "127.0.0.1";
  std::uint16_t metrics_port = 9464;

  // [sessions]
  std::chrono::seconds session_idle = std::chrono::minutes(15);
  std::chrono::seconds session_lifetime = std::chrono::hours(12);

  // [log]
  core::log::Level log_level = core::log::Level::info;

  files::Limits files = {};  ///< [files]
  net::Limits limits = {};   ///< [limits]

  /// The host of `origin`: what passkeys are bound to.
  std::string host() const;
};

/// Reads `file`. Relative paths in it are taken from `data`, or from the file's own directory where that is
/// empty. Errors: "configuration", e.g. "wardline.toml line 7: server.port must be a whole number from 0 to
/// 65535."
core::Result<Configuration> read_configuration(const std::filesystem::path& file,
                                               std::filesystem::path data = {});

/// The same from text, for which `name` stands in messages.
core::Result<Configuration> parse_configuration(std::string_view text, const std::string& name,
                                                const std::filesystem::path& data);

/// A first wardline.toml with every key explained.
std::string initial_configuration(const std::string& organisation, const std::string& origin,
                                  std::uint16_t port);

}  // namespace wardline::app
