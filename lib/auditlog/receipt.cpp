#include "lib/auditlog/receipt.h"

namespace wardline::auditlog {
namespace {

constexpr std::size_t kIdSize = 36;

std::expected<merkle::Note, Finding> read_checkpoint(LogFiles& files, const Trust& trust,
                                                     merkle::Checkpoint& checkpoint) {
  Finding finding{.part = Finding::Part::checkpoint, .path = std::string(kCheckpointFile)};
  const auto bytes = files.read(finding.path);
  if (!bytes) {
    finding.problem = "the signed checkpoint is missing or cannot be read";
    return std::unexpected(std::move(finding));
  }
  const auto opened = open_checkpoint_file(as_text(*bytes), trust);
  if (!opened) return std::unexpected(opened.error());
  if (!opened->signed_by_log) {
    finding.line = 5;
    finding.problem = "the log's signature is not one over lines 1 to 3";
    return std::unexpected(std::move(finding));
  }
  checkpoint = opened->checkpoint;
  return *merkle::parse_note(as_text(*bytes));
}

std::unexpected<Finding> refuse(std::string problem) {
  return std::unexpected(
      Finding{.part = Finding::Part::entry, .path = "the receipt", .problem = std::move(problem)});
}

std::expected<Bytes, Finding> read_entry(LogFiles& files, std::uint64_t size, std::uint64_t entry) {
  const auto tile = merkle::tile_in_tree(size, std::nullopt, entry / merkle::kTileWidth);
  Finding finding{.part = Finding::Part::entry, .path = std::string(kCheckpointFile), .entry = entry};
  if (entry >= size || !tile) {
    finding.problem = "the log has " + std::to_string(size) + " signed entries, counted from 0";
    return std::unexpected(std::move(finding));
  }
  finding.path = merkle::tile_path(*tile);
  const auto bytes = files.read(finding.path);
  const auto entries =
      bytes ? merkle::decode_bundle(*tile, *bytes) : std::unexpected(merkle::Error::unavailable);
  if (!entries) {
    finding.problem = "the file with the entry is missing or damaged";
    return std::unexpected(std::move(finding));
  }
  return to_bytes((*entries)[entry % merkle::kTileWidth]);
}

std::string reason_of(merkle::Error error) {
  switch (error) {
    case merkle::Error::unknown_key:
      return "it is not signed by this log's key";
    case merkle::Error::bad_signature:
      return "the log's signature in it is false";
    case merkle::Error::root_mismatch:
      return "its entry, index or hashes were changed: they do not lead to the signed root";
    default:
      return "it is damaged: " + std::string(merkle::name_of(error));
  }
}

}  // namespace

std::optional<std::uint64_t> find_entry(LogFiles& files, const Trust& trust, std::string_view id) {
  merkle::Checkpoint checkpoint;
  if (id.size() != kIdSize || !read_checkpoint(files, trust, checkpoint)) return std::nullopt;
  for (std::uint64_t index = 0; const auto tile = merkle::tile_in_tree(checkpoint.size, std::nullopt, index);
       ++index) {
    const auto bytes = files.read(merkle::tile_path(*tile));
    if (!bytes) return std::nullopt;
    const auto entries = merkle::decode_bundle(*tile, *bytes);
    if (!entries) return std::nullopt;
    const auto found = std::ranges::find(*entries, id, entry_id_of);
    if (found != entries->end())
      return index * merkle::kTileWidth + static_cast<std::uint64_t>(found - entries->begin());
  }
  return std::nullopt;
}

std::expected<std::string, Finding> make_receipt(LogFiles& files, const Trust& trust, std::uint64_t entry) {
  merkle::Checkpoint checkpoint;
  auto note = read_checkpoint(files, trust, checkpoint);
  if (!note) return std::unexpected(note.error());
  auto bytes = read_entry(files, checkpoint.size, entry);
  if (!bytes) return std::unexpected(bytes.error());
  FileTiles tiles(files);
  merkle::TileHashReader reader(tiles, checkpoint.size);
  auto proof = merkle::inclusion_proof(reader, entry, checkpoint.size);
  if (!proof) return refuse("it cannot be made: a tile is missing or damaged");

  std::string receipt =
      merkle::format_tlog_proof({*std::move(bytes), entry, *std::move(proof), *std::move(note)});
  if (const auto verified = verify_receipt(receipt, trust); !verified)
    return std::unexpected(verified.error());
  return receipt;
}

std::expected<VerifiedReceipt, Finding> verify_receipt(std::string_view receipt, const Trust& trust) {
  const auto proof = merkle::parse_tlog_proof(receipt);
  if (!proof) return refuse("the file is not a receipt, or it was changed");
  // The entry stands in the extra line, which the format leaves unauthenticated; as the leaf of the proof it
  // is not.
  if (!proof->extra) return refuse("it does not hold the entry that it is about");
  const auto checkpoint =
      merkle::verify_tlog_proof(*proof, merkle::leaf_hash(*proof->extra), trust.log.name(), trust.log);
  if (!checkpoint) return refuse(reason_of(checkpoint.error()));
  VerifiedReceipt verified{proof->index, as_text(*proof->extra), *checkpoint, 0};
  for (const merkle::NoteVerifier& witness : trust.witnesses) {
    if (!merkle::verify_note(proof->checkpoint, {&witness, 1}))
      return refuse("witness " + witness.name() + " has not signed it");
    ++verified.cosignatures;
  }
  return verified;
}

}  // namespace wardline::auditlog
