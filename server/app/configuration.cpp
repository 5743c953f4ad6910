#include "server/app/configuration.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "server/app/toml_reader.h"

namespace wardline::app {
namespace {

using core::ErrorKind;
using core::fail;
using core::Result;

constexpr std::string_view kScheme = "https://";

template <class Target>
void take_number(TomlReader& reader, std::string_view section, std::string_view key, std::int64_t least,
                 std::int64_t most, Target& target) {
  if (const auto value = reader.integer(section, key, least, most)) target = Target(*value);
}

template <class Duration>
void take_seconds(TomlReader& reader, std::string_view section, std::string_view key, std::int64_t least,
                  std::int64_t most, Duration& target) {
  if (const auto value = reader.integer(section, key, least, most)) target = std::chrono::seconds(*value);
}

void take_text(TomlReader& reader, std::string_view section, std::string_view key, std::string& target) {
  if (auto value = reader.text(section, key)) target = std::move(*value);
}

bool is_host_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !text.empty() && !text.starts_with('.') && text.find("..") == text.npos &&
         std::ranges::all_of(text, allowed);
}

bool is_address_in_brackets(const std::string& text) {
  in6_addr address{};
  return text.size() > 2 && text.ends_with(']') &&
         inet_pton(AF_INET6, text.substr(1, text.size() - 2).c_str(), &address) == 1;
}

/// Of "https://host:port": "host", of an IPv6 address with its brackets.
std::string host_of(std::string_view origin) {
  origin.remove_prefix(std::min(origin.size(), kScheme.size()));
  if (origin.starts_with('[')) return std::string(origin.substr(0, origin.find(']') + 1));
  return std::string(origin.substr(0, origin.find(':')));
}

// An origin as browsers write it (RFC 6454 §6.2): scheme, host, and the port where it is not 443.
bool is_https_origin(std::string_view text) {
  if (!text.starts_with(kScheme)) return false;
  const std::string host = host_of(text);
  if (!is_host_name(host) && !is_address_in_brackets(host)) return false;
  text.remove_prefix(std::min(text.size(), kScheme.size() + host.size()));
  if (text.empty()) return true;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), port);
  return text[0] == ':' && error == std::errc{} && end == text.data() + text.size() && text[1] != '0' &&
         port != 443;
}

void read_server(TomlReader& reader, Configuration& configuration) {
  if (auto name = reader.text("organisation", "name", 64)) configuration.organisation = std::move(*name);
  take_text(reader, "server", "address", configuration.address);
  take_number(reader, "server", "port", 0, 65535, configuration.port);
  take_text(reader, "server", "origin", configuration.origin);
  if (!is_https_origin(configuration.origin))
    reader.refuse("server", "origin",
                  "must be what the address bar shows up to the path, e.g. \"https://wardline.example.org\"");
  take_number(reader, "server", "threads", 0, 256, configuration.threads);
  take_number(reader, "server", "workers", 1, 1024, configuration.workers);
  take_seconds(reader, "server", "drain_seconds", 0, 600, configuration.drain);
}

void read_log(TomlReader& reader, Configuration& configuration) {
  const auto level = reader.text("log", "level");
  if (!level) return;
  using core::log::Level;
  static constexpr std::pair<std::string_view, Level> levels[] = {
      {"debug", Level::debug}, {"info", Level::info}, {"warning", Level::warning}, {"error", Level::error}};
  for (const auto& [name, value] : levels)
    if (name == *level) return void(configuration.log_level = value);
  reader.refuse("log", "level", "must be \"debug\", \"info\", \"warning\" or \"error\"");
}

void read_storage(TomlReader& reader, Configuration& configuration) {
  const auto engine = reader.text("storage", "engine").value_or("sqlite");
  configuration.postgres = reader.text("storage", "postgres", 4000);
  if (engine != "sqlite" && engine != "postgres")
    reader.refuse("storage", "engine", "must be \"sqlite\" or \"postgres\"");
  else if (engine == "postgres" && !configuration.postgres)
    reader.refuse("storage", "postgres",
                  "must say where the database is, because storage.engine is \"postgres\"");
  else if (engine == "sqlite" && configuration.postgres)
    reader.refuse("storage", "postgres", "is set, but storage.engine is not \"postgres\"");
}

void read_limits(TomlReader& reader, net::Limits& limits) {
  take_number(reader, "limits", "connections", 16, 1'000'000, limits.connections);
  take_number(reader, "limits", "connections_per_address", 1, 1'000'000, limits.connections_per_address);
  take_number(reader, "limits", "requests_in_flight", 1, 100'000, limits.requests_in_flight);
  std::int64_t megabytes = 0;
  take_number(reader, "limits", "request_memory_megabytes", 32, 65'536, megabytes);
  if (megabytes > 0) limits.buffered_body_bytes = static_cast<std::size_t>(megabytes) << 20;
  take_seconds(reader, "limits", "handshake_seconds", 1, 600, limits.handshake);
  take_seconds(reader, "limits", "header_seconds", 1, 600, limits.header);
  take_seconds(reader, "limits", "body_seconds", 1, 3'600, limits.body);
  take_seconds(reader, "limits", "idle_seconds", 1, 3'600, limits.idle);
  take_seconds(reader, "limits", "ping_seconds", 5, 600, limits.ping_after);
}

template <class Target>
void take_megabytes(TomlReader& reader, std::string_view section, std::string_view key, std::int64_t most,
                    Target& target) {
  if (const auto value = reader.integer(section, key, 1, most)) target = static_cast<Target>(*value) << 20;
}

void read_files(TomlReader& reader, files::Limits& limits) {
  take_megabytes(reader, "files", "largest_megabytes", 4'096, limits.largest_bytes);
  take_megabytes(reader, "files", "total_megabytes", 1'000'000'000, limits.total_bytes);
  take_megabytes(reader, "files", "reserve_megabytes", 1'000'000, limits.reserve_bytes);
  take_number(reader, "files", "per_conversation", 1, 1'000'000, limits.per_conversation);
  take_number(reader, "files", "pending_per_user", 1, 1'000, limits.pending_per_user);
  if (const auto hours = reader.integer("files", "abandoned_hours", 1, 720))
    limits.keep_pending = std::chrono::hours(*hours);
}

// toml++ 3.3, looking for white space, does anything at all with many a character beyond ASCII. Where it
// looks, a file may have none: they stand in comments, and in a text of one line that is the value of a key.
// Texts elsewhere (keys, lists) and of several lines we have no use of.
std::optional<std::size_t> line_not_to_be_parsed(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::size_t line = 1;
  char within = 0;  // The quotation mark that ends the text, or '#' in a comment.
  enum { key, equals_sign, value } place = key;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') {
      ++line;
      within = 0;
      place = key;
    } else if (within != 0) {
      if (c == within && c != '#') within = 0;
      if (within == '"' && c == '\\' && text.substr(at + 1, 1) != "\n") ++at;
    } else if (c == '#') {
      within = c;
    } else if ((c == '"' || c == '\'') && place == equals_sign) {
      if (text.substr(at, 3) == std::string(3, c)) return line;
      within = c;
      place = value;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return line;
    } else if (c != ' ' && c != '\t') {
      place = place == key ? (c == '=' ? equals_sign : key) : value;
    }
  }
  return std::nullopt;
}

void resolve(std::string& path, const std::filesystem::path& data) {
  if (std::filesystem::path(path).is_relative()) path = (data / path).string();
}

}  // namespace

std::string Configuration::host() const { return host_of(origin); }

Result<Configuration> parse_configuration(std::string_view text, const std::string& name,
                                          const std::filesystem::path& data) {
  if (const auto line = line_not_to_be_parsed(text))
    return fail(
        ErrorKind::invalid, "configuration",
        fmt::format(
            "{} line {}: letters beyond a to z stand in a text in quotes behind =, which has one line.", name,
            *line));
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(ErrorKind::invalid, "configuration",
                fmt::format("{} line {}: {}.", name, error.source().begin.line, error.description()));
  } catch (const UnexpectedToml&) {
    return fail(
        ErrorKind::invalid, "configuration",
        fmt::format("{} is not TOML: look for a name in brackets that is none, e.g. \"[.log]\".", name));
  }
  TomlReader reader(root, name);
  Configuration configuration;
  configuration.data = data;
  read_server(reader, configuration);
  take_text(reader, "tls", "certificate", configuration.tls.certificate);
  take_text(reader, "tls", "key", configuration.tls.key);
  configuration.tls.fips = reader.boolean("tls", "fips").value_or(false);
  read_storage(reader, configuration);
  if (auto web = reader.text("web", "directory")) configuration.web = std::move(*web);
  configuration.metrics = reader.boolean("metrics", "enabled").value_or(true);
  take_text(reader, "metrics", "address", configuration.metrics_address);
  take_number(reader, "metrics", "port", 0, 65535, configuration.metrics_port);
  take_seconds(reader, "sessions", "idle_seconds", 60, 86'400, configuration.session_idle);
  take_seconds(reader, "sessions", "lifetime_seconds", 300, 604'800, configuration.session_lifetime);
  if (configuration.session_idle > configuration.session_lifetime)
    reader.refuse("sessions", "idle_seconds", "must not be longer than sessions.lifetime_seconds");
  read_log(reader, configuration);
  read_files(reader, configuration.files);
  read_limits(reader, configuration.limits);
  if (auto read = reader.finish(); !read) return std::unexpected(read.error());

  resolve(configuration.tls.certificate, data);
  resolve(configuration.tls.key, data);
  if (configuration.web && configuration.web->is_relative()) configuration.web = data / *configuration.web;
  return configuration;
}

Result<Configuration> read_configuration(const std::filesystem::path& file, std::filesystem::path data) {
  std::ifstream stream(file);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf()))
    return fail(
        ErrorKind::unavailable, "configuration",
        fmt::format(
            "Cannot read {}: give its path with --config, or make a data directory with wardlined init.",
            file.string()));
  if (data.empty()) data = std::filesystem::absolute(file).parent_path();
  return parse_configuration(text.view(), file.filename().string(), data);
}

std::string initial_configuration(const std::string& organisation, const std::string& origin,
                                  std::uint16_t port) {
  return fmt::format(
      R"(# The configuration of wardlined. Every key has a default; what is shown commented out is that default.
# Relative paths start in this directory. A key that is not known refuses the start.

[organisation]
name = "{}"

[server]
# The address bar of every user's browser begins with this. Passkeys are bound to its host: choose it before people enrol.
origin = "{}"
address = "0.0.0.0"
port = {}
# threads = 0            # of the network; 0: one for each two processors
# workers = 16           # for the database and password checks
# drain_seconds = 20     # how long a stop waits for requests in flight

[tls]
certificate = "tls/server.pem"
key = "tls/server.key"
# fips = false           # true: refuse to start without a FIPS provider

[storage]
engine = "sqlite"        # or "postgres", with:
# postgres = "host=/run/postgresql dbname=wardline"

[web]
# directory = "/usr/share/wardline/web"

[metrics]
# enabled = true
# address = "127.0.0.1"  # loopback only: it is plain HTTP
# port = 9464

[sessions]
# idle_seconds = 900
# lifetime_seconds = 43200

[log]
# level = "info"

[files]
# largest_megabytes = 100      # one file, as it is encrypted
# total_megabytes = 51200      # all files together
# reserve_megabytes = 512      # of the disk: kept free of files, for messages and the audit log
# per_conversation = 10000
# pending_per_user = 8         # uploads at the same time
# abandoned_hours = 24         # an upload that is not finished by then is removed

[limits]
# connections = 20000
# connections_per_address = 512
# requests_in_flight = 4096
# request_memory_megabytes = 256
)",
      organisation, origin, port);
}

}  // namespace wardline::app
