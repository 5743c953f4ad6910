#include "server/http/static_files.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "server/http/security_headers.h"

namespace wardline::http {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t kMostBytes = 64UL << 20;

std::string_view type_of(const std::filesystem::path& path) {
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".wasm", "application/wasm"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".webp", "image/webp"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".map", "application/json"}};
  const std::string extension = path.extension().string();
  for (const auto& [known, type] : types)
    if (known == extension) return type;
  return "application/octet-stream";
}

// Bundlers put a hash of the content into the name: assets/index-DiwrgTda.js. Such a file never changes.
bool has_hashed_name(std::string_view url) {
  if (!url.starts_with("/assets/")) return false;
  const auto dot = url.rfind('.');
  const auto dash = url.rfind('-', dot);
  return dash != std::string_view::npos && dot != std::string_view::npos && dot - dash - 1 >= 8;
}

core::Result<std::shared_ptr<const std::string>> read(const std::filesystem::path& path, std::size_t& total) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf() || file.peek() == std::ifstream::traits_type::eof()))
    return fail(ErrorKind::unavailable, "web-files", fmt::format("Cannot read {}.", path.string()));
  total += content.view().size();
  if (total > kMostBytes)
    return fail(ErrorKind::invalid, "web-files",
                "The web client's directory holds more than 64 MB: is it the right one?");
  return std::make_shared<const std::string>(std::move(content).str());
}

bool accepts(const net::RequestHead& head, std::string_view coding) {
  std::string_view rest = head.field("accept-encoding").value_or("");
  while (!rest.empty()) {
    auto item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    item.remove_prefix(std::min(item.size(), item.find_first_not_of(' ')));
    const auto name = item.substr(0, item.find_first_of("; "));
    if (name == coding)
      return item.find("q=0") == std::string_view::npos || item.find("q=0.") != std::string_view::npos;
  }
  return false;
}

bool matches(const net::RequestHead& head, std::string_view etag) {
  const auto wanted = head.field("if-none-match");
  return wanted && (*wanted == "*" || wanted->find(etag) != std::string_view::npos);
}

}  // namespace

core::Result<StaticFiles> StaticFiles::load(const std::filesystem::path& directory) {
  std::error_code error;
  const auto root = std::filesystem::canonical(directory, error);
  if (error || !std::filesystem::is_regular_file(root / "index.html"))
    return fail(ErrorKind::unavailable, "web-files",
                fmt::format("{} has no index.html: build the web client, or correct web.directory.",
                            directory.string()));
  StaticFiles files;
  std::size_t total = 0;
  for (auto at = std::filesystem::recursive_directory_iterator(root, error);
       !error && at != std::filesystem::end(at); at.increment(error)) {
    if (at->is_symlink() || !at->is_regular_file()) continue;
    if (auto added = files.add(root, at->path(), total); !added) return std::unexpected(added.error());
  }
  if (error)
    return fail(ErrorKind::unavailable, "web-files",
                fmt::format("Cannot read {}: {}.", root.string(), error.message()));
  return files;
}

core::Result<void> StaticFiles::add(const std::filesystem::path& root, const std::filesystem::path& path,
                                    std::size_t& total) {
  const auto content = read(path, total);
  if (!content) return std::unexpected(content.error());
  const std::string url = "/" + std::filesystem::relative(path, root).generic_string();
  const std::string extension = path.extension().string();
  if (extension == ".br" || extension == ".gz") {
    File& file = files_[url.substr(0, url.size() - 3)];
    (extension == ".br" ? file.brotli : file.gzip) = *content;
    return {};
  }
  File& file = files_[url];
  file.plain = *content;
  file.etag = "W/\"" + to_base64url(crypto::sha256(as_bytes(**content))).substr(0, 22) + "\"";
  file.type = type_of(path);
  file.immutable = has_hashed_name(url);
  return {};
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const {
  const auto found = files_.find(path);
  if (found != files_.end() && found->second.plain) return &found->second;
  const auto last = path.substr(path.rfind('/') + 1);
  if (last.find('.') != std::string_view::npos) return nullptr;
  return &files_.find("/index.html")->second;
}

net::Response StaticFiles::serve(const net::RequestHead& head) const {
  net::Response response;
  response.constant_fields = web_security_fields();
  if (head.method != net::Method::get && head.method != net::Method::head) {
    response.status = 405;
    return response.set("allow", "GET, HEAD");
  }
  const File* file = find(head.path);
  if (!file) {
    response.status = 404;
    response.set("cache-control", "no-cache");
    return response;
  }
  response.set("etag", file->etag);
  response.set("vary", "accept-encoding");
  response.set("cache-control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (matches(head, file->etag)) {
    response.status = 304;
    return response;
  }
  response.set("content-type", std::string(file->type));
  response.shared_body = file->plain;
  if (file->brotli && accepts(head, "br")) {
    response.set("content-encoding", "br");
    response.shared_body = file->brotli;
  } else if (file->gzip && accepts(head, "gzip")) {
    response.set("content-encoding", "gzip");
    response.shared_body = file->gzip;
  }
  return response;
}

}  // namespace wardline::http
