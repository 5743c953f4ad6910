// Where a server is: "https://host:port".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wardline::client {

struct ServerUrl {
  std::string host;
  std::string port = "443";

  std::string origin() const { return "https://" + host + (port == "443" ? "" : ":" + port); }
  /// Nothing for anything but https, a host and perhaps a port.
  static std::optional<ServerUrl> parse(std::string_view text) {
    constexpr std::string_view kScheme = "https://";
    if (!text.starts_with(kScheme)) return std::nullopt;
    text.remove_prefix(kScheme.size());
    if (text.ends_with('/')) text.remove_suffix(1);
    const bool brackets = text.starts_with('[');  // Of an IPv6 address, which has colons itself.
    const std::size_t colon = text.find(':', brackets ? text.find(']') : 0);
    ServerUrl url;
    url.host = text.substr(0, colon);
    if (colon != std::string_view::npos) url.port = text.substr(colon + 1);
    const bool digits = !url.port.empty() && url.port.find_first_not_of("0123456789") == std::string::npos;
    if (brackets && !url.host.ends_with(']')) return std::nullopt;
    if (url.host.empty() || url.host.find('/') != std::string::npos || !digits) return std::nullopt;
    return url;
  }
};

}  // namespace wardline::client
