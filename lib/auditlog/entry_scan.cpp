#include "lib/auditlog/entry_scan.h"

namespace wardline::auditlog {
namespace {

using merkle::kTileWidth;
using merkle::Tile;

/// As many whole entries as a damaged bundle yields, at most `most`, and how many bytes are left over.
std::size_t decode_leniently(ByteView bytes, unsigned most, std::vector<Bytes>& entries) {
  while (bytes.size() >= 2 && entries.size() < most) {
    const std::size_t size = std::size_t{bytes[0]} << 8 | bytes[1];
    if (bytes.size() - 2 < size) break;
    entries.push_back(to_bytes(bytes.subspan(2, size)));
    bytes = bytes.subspan(2 + size);
  }
  return bytes.size();
}

Bytes encode_bundle(std::span<const Bytes> entries) {
  Bytes bundle;
  for (const Bytes& entry : entries)
    static_cast<void>(merkle::append_to_bundle(bundle, entry));  // They came from one.
  return bundle;
}

}  // namespace

std::optional<merkle::Hash> EntryScan::root_at(std::uint64_t size) const {
  const auto found = roots_.find(size);
  return found == roots_.end() ? std::nullopt : found->second;
}

std::optional<std::uint64_t> EntryScan::first_difference() const {
  const auto in_tiles = tiles_.first_difference();
  if (!in_tiles || !first_copy_difference_) return in_tiles ? in_tiles : first_copy_difference_;
  return std::min(*in_tiles, *first_copy_difference_);
}

std::string EntryScan::id_of(std::uint64_t entry) const {
  const auto found = ids_.find(entry);
  return found == ids_.end() ? std::string() : found->second;
}

void EntryScan::run() {
  if (const auto root = roots_.find(0); root != roots_.end()) root->second = tree_.root();
  for (std::uint64_t index = 0; index * kTileWidth < size_; ++index) {
    std::vector<Bytes> entries;
    if (!read_bundle(index, entries)) return;
    grow_tree(index * kTileWidth, entries);
    check_copies(index, entries);
    block_ = std::move(entries);
    block_index_ = index;
    note_id();
  }
  tiles_.finish();
  note_id();
  count_waiting_rows();
}

void EntryScan::note_id() {
  const auto differs = first_difference();
  if (!differs || *differs / kTileWidth != block_index_ || *differs % kTileWidth >= block_.size()) return;
  ids_.emplace(*differs, entry_id_of(block_[*differs % kTileWidth]));
}

bool EntryScan::read_bundle(std::uint64_t index, std::vector<Bytes>& entries) {
  const Tile tile = *merkle::tile_in_tree(size_, std::nullopt, index);
  Finding finding{
      .part = Finding::Part::bundle, .path = merkle::tile_path(tile), .entry = index * kTileWidth};
  const auto bytes = files_.read(finding.path);
  if (!bytes) {
    const bool absent = bytes.error() == ReadError::absent;
    if (!absent) finding.part = Finding::Part::unreadable;
    finding.problem =
        absent ? "the file with this and the following entries is missing" : "the file cannot be read";
    bundle_findings_.push_back(std::move(finding));
    return false;
  }
  const std::size_t left = decode_leniently(*bytes, tile.width, entries);
  if (entries.size() < tile.width) {
    note_short_bundle(tile, entries);
    return false;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) compare_row(index * kTileWidth + i, entries[i]);
  if (left != 0) {
    finding.entry = index * kTileWidth + tile.width - 1;
    finding.entry_id = entry_id_of(entries.back());
    finding.problem = std::to_string(left) + " bytes follow this entry, the last one of the file";
    bundle_findings_.push_back(std::move(finding));
  }
  return true;
}

/// The lengths in a bundle do not add up. The hashes of its tile tell from which entry on.
void EntryScan::note_short_bundle(const Tile& tile, const std::vector<Bytes>& entries) {
  Finding finding{.part = Finding::Part::entry, .path = merkle::tile_path(tile)};
  std::size_t at = entries.size();
  if (const auto bytes = files_.read(merkle::tile_path({0, tile.index, tile.width}))) {
    for (std::size_t i = 0; i < entries.size() && (i + 1) * merkle::kHashSize <= bytes->size(); ++i) {
      if (equal(merkle::leaf_hash(entries[i]),
                ByteView(*bytes).subspan(i * merkle::kHashSize, merkle::kHashSize)))
        continue;
      at = i;
      break;
    }
  }
  finding.entry = tile.index * kTileWidth + at;
  if (at < entries.size()) finding.entry_id = entry_id_of(entries[at]);
  finding.problem = "the entry was changed or bytes were removed: the file does not hold the " +
                    std::to_string(tile.width) + " entries that it must";
  bundle_findings_.push_back(std::move(finding));
}

/// Entries of the database that are not in the log yet.
void EntryScan::count_waiting_rows() {
  while (rows_ != nullptr && !rows_ended_) {
    auto row = rows_->next();
    if (row && row->problem.empty()) {
      ++waiting_;
      continue;
    }
    if (row) note_row(size_ + waiting_, std::move(row->problem));
    rows_ended_ = true;
  }
}

void EntryScan::compare_row(std::uint64_t entry, const Bytes& bytes) {
  if (rows_ == nullptr || rows_ended_) return;
  auto row = rows_->next();
  if (!row || !row->problem.empty()) {
    note_row(entry, row ? std::move(row->problem) : "the log has this entry and the database has not");
    rows_ended_ = true;
    return;
  }
  if (equal(as_bytes(row->entry), bytes)) return;
  if (!first_row_difference_) {
    first_row_difference_ = entry;
    ids_.emplace(entry, entry_id_of(bytes));
    note_row(entry, "the row in the database is not the entry in the log");
  }
}

void EntryScan::note_row(std::uint64_t entry, std::string problem) {
  row_findings_.push_back({.part = Finding::Part::row,
                           .path = "the database",
                           .entry = entry,
                           .entry_id = id_of(entry),
                           .problem = std::move(problem)});
}

void EntryScan::grow_tree(std::uint64_t first, const std::vector<Bytes>& entries) {
  std::vector<merkle::Hash> leaves;
  leaves.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    leaves.push_back(merkle::leaf_hash(entries[i]));
    tree_.append(leaves.back());
    if (const auto root = roots_.find(first + i + 1); root != roots_.end()) root->second = tree_.root();
  }
  tiles_.add(leaves);
}

/// Every width in which this bundle lies in the folder: the signed tree's, and older, narrower ones.
void EntryScan::check_copies(std::uint64_t index, const std::vector<Bytes>& entries) {
  const auto needed = merkle::tile_in_tree(size_, std::nullopt, index);
  for (const unsigned width : index_.take_widths(std::nullopt, index)) {
    const Tile tile{std::nullopt, index, width};
    if (tile == needed) continue;  // That is where the entries come from.
    if (width > entries.size()) {
      copy_findings_.push_back(beyond_the_log(tile, index * kTileWidth + entries.size()));
      continue;
    }
    check_copy(tile, encode_bundle(std::span(entries).first(width)), entries);
  }
}

void EntryScan::check_copy(const Tile& tile, ByteView expected, const std::vector<Bytes>& entries) {
  Finding finding{.part = Finding::Part::bundle, .path = merkle::tile_path(tile)};
  const auto bytes = files_.read(finding.path);
  if (!bytes) {
    finding.part = Finding::Part::unreadable;
    finding.problem = "the file cannot be read";
    copy_findings_.push_back(std::move(finding));
    return;
  }
  if (equal(*bytes, expected)) return;
  std::vector<Bytes> copy;
  decode_leniently(*bytes, tile.width, copy);
  const auto same = std::ranges::mismatch(copy, entries).in1 - copy.begin();
  const std::uint64_t entry =
      tile.index * kTileWidth + std::min<std::uint64_t>(static_cast<std::uint64_t>(same), tile.width - 1);
  finding.entry = entry;
  finding.entry_id = entry_id_of(entries[entry % kTileWidth]);
  finding.problem = "this older copy of the file differs, from this entry on";
  copy_findings_.push_back(std::move(finding));
  first_copy_difference_ = std::min(first_copy_difference_.value_or(entry), entry);
}

}  // namespace wardline::auditlog
