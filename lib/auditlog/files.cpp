#include "lib/auditlog/files.h"

#include <algorithm>

namespace wardline::auditlog {

std::string staged_path(std::string_view path) {
  std::string name(path);
  std::ranges::replace(name, '/', '+');
  return std::string(kStagingFolder) + "/" + name;
}

merkle::Result<Bytes> FileTiles::read(const merkle::Tile& tile) {
  auto bytes = files_.read(merkle::tile_path(tile));
  if (!bytes) return std::unexpected(merkle::Error::unavailable);
  return *std::move(bytes);
}

std::string_view entry_id_of(ByteView entry) {
  constexpr std::string_view kStart = R"({"v":1,"id":")";
  constexpr std::size_t kIdSize = 36;
  const std::string_view text(reinterpret_cast<const char*>(entry.data()), entry.size());
  if (!text.starts_with(kStart) || text.size() < kStart.size() + kIdSize) return {};
  return text.substr(kStart.size(), kIdSize);
}

}  // namespace wardline::auditlog
