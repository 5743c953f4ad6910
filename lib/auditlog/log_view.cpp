#include "lib/auditlog/log_view.h"

namespace wardline::auditlog {
namespace {

/// What the partial tile would hold, or nothing if these are not the bytes of a full one.
std::optional<Bytes> cut_to(const merkle::Tile& partial, ByteView full) {
  const merkle::Tile whole{partial.level, partial.index};
  if (!partial.is_bundle()) {
    if (full.size() != merkle::kTileWidth * merkle::kHashSize) return std::nullopt;
    return to_bytes(full.first(partial.width * merkle::kHashSize));
  }
  const auto entries = merkle::decode_bundle(whole, full);
  if (!entries) return std::nullopt;
  Bytes bundle;
  for (const ByteView entry : std::span(*entries).first(partial.width))
    static_cast<void>(merkle::append_to_bundle(bundle, entry));  // They came from one.
  return bundle;
}

}  // namespace

std::expected<Bytes, ReadError> LogView::read_in_place_or_staged(const std::string& path) {
  auto bytes = files_.read(path);
  if (bytes || bytes.error() != ReadError::absent || !staged_) return bytes;
  auto staged = files_.read(staged_path(path));
  // In neither place: a server that runs has moved it between the two looks.
  return staged ? std::move(staged) : files_.read(path);
}

std::expected<Bytes, ReadError> LogView::read(const std::string& path) {
  auto bytes = read_in_place_or_staged(path);
  if (bytes || bytes.error() != ReadError::absent) return bytes;
  const auto tile = merkle::parse_tile_path(path);
  if (!tile || !tile->is_partial()) return bytes;
  const auto full = read_in_place_or_staged(merkle::tile_path({tile->level, tile->index}));
  if (!full) return bytes;
  if (auto part = cut_to(*tile, *full)) return *std::move(part);
  return bytes;
}

}  // namespace wardline::auditlog
