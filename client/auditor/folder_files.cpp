#include "client/auditor/folder_files.h"

#include <cerrno>
#include <fstream>

namespace wardline::auditor {

namespace fs = std::filesystem;
using auditlog::ReadError;

namespace {

constexpr int kMostListings = 20;

std::vector<std::string> list_once(const fs::path& folder, std::error_code& error) {
  std::vector<std::string> paths;
  error.clear();
  for (auto at = fs::recursive_directory_iterator(folder, error); !error && at != fs::end(at);
       at.increment(error)) {
    const std::string path = at->path().lexically_relative(folder).generic_string();
    if (path == auditlog::kStagingFolder) {
      at.disable_recursion_pending();
    } else if (at->is_symlink(error) || !at->is_directory(error)) {
      paths.push_back(path);
    }
    if (error) break;
  }
  return paths;
}

}  // namespace

std::expected<Bytes, ReadError> read_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return std::unexpected(ReadError::absent);
  if (!fs::is_regular_file(status)) return std::unexpected(ReadError::unreadable);
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  // It may have gone since, below a running server. Once open it stays.
  if (!file) return std::unexpected(errno == ENOENT ? ReadError::absent : ReadError::unreadable);
  const std::streamoff size = file.tellg();
  if (size < 0) return std::unexpected(ReadError::unreadable);
  Bytes bytes(static_cast<std::size_t>(size));
  if (!file.seekg(0) || !file.read(reinterpret_cast<char*>(bytes.data()), size))
    return std::unexpected(ReadError::unreadable);
  return bytes;
}

std::expected<Bytes, ReadError> FolderFiles::read(const std::string& path) {
  return read_file(folder_ / path);
}

std::expected<std::vector<std::string>, ReadError> FolderFiles::list() {
  // A running server removes narrow tiles once wide ones hold what is in them: what vanished on the way is
  // looked for again in a new listing.
  std::error_code error;
  for (int attempt = 0; attempt < kMostListings; ++attempt) {
    auto paths = list_once(folder_, error);
    if (!error) return paths;
    if (error != std::errc::no_such_file_or_directory || !fs::exists(folder_, error)) break;
  }
  return std::unexpected(ReadError::unreadable);
}

}  // namespace wardline::auditor
