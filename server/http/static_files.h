// The web client's files, held in memory: small, immutable, and the same for everybody.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "server/core/error.h"
#include "server/net/message.h"

namespace wardline::http {

class StaticFiles {
 public:
  /// Reads the directory, with the precompressed forms that lie beside the files (app.js.br, app.js.gz).
  /// Links that lead out of it are ignored. Errors: "web-files" (no index.html, over 64 MB, unreadable).
  static core::Result<StaticFiles> load(const std::filesystem::path& directory);

  /// The answer to a GET or HEAD. A path without a file is one of the client's own pages and gets index.html,
  /// unless it looks like a file (has an extension), which gets 404.
  net::Response serve(const net::RequestHead& head) const;

  std::size_t size() const { return files_.size(); }

 private:
  using Content = std::shared_ptr<const std::string>;  // Shared with the answers that are being sent.
  struct File {
    Content plain;
    Content gzip;
    Content brotli;
    std::string etag;
    std::string_view type;
    bool immutable = false;
  };
  core::Result<void> add(const std::filesystem::path& root, const std::filesystem::path& path,
                         std::size_t& total);
  const File* find(std::string_view path) const;

  std::map<std::string, File, std::less<>> files_;  ///< By URL path.
};

}  // namespace wardline::http
