// What sending and fetching files asks of the server (docs/api.md "Files"), as a port: HTTP, or a test.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "client/net/https_client.h"
#include "lib/bytes/bytes.h"

namespace wardline::client {

/// How far an upload has come, in bytes from its start.
struct UploadStanding {
  std::uint64_t received = 0;
  bool complete = false;
};

struct FilePart {
  std::string bytes;
  std::uint64_t size = 0;  ///< of the whole
};

/// The most that one part carries.
inline constexpr std::size_t kPartBytes = 1 << 20;

class FileServer {
 public:
  virtual ~FileServer() = default;
  /// Announces a file, or asks how far it is. `sha256` and `size`: of the ciphertext.
  virtual std::expected<UploadStanding, HttpError> begin(const std::string& conversation_id,
                                                         const std::string& file_id, std::uint64_t size,
                                                         ByteView sha256) = 0;
  virtual std::expected<UploadStanding, HttpError> put(const std::string& conversation_id,
                                                       const std::string& file_id, std::uint64_t first,
                                                       std::uint64_t size, std::string_view bytes) = 0;
  virtual std::expected<UploadStanding, HttpError> complete(const std::string& conversation_id,
                                                            const std::string& file_id) = 0;
  virtual std::expected<void, HttpError> cancel(const std::string& conversation_id,
                                                const std::string& file_id) = 0;
  /// From `first` on, up to `kPartBytes`.
  virtual std::expected<FilePart, HttpError> get(const std::string& conversation_id,
                                                 const std::string& file_id, std::uint64_t first) = 0;
};

}  // namespace wardline::client
