// The text and byte forms of logs (lib/merkle): what is accepted is written back byte by byte, and only true
// proofs verify.
#include "lib/merkle/tile.h"
#include "lib/merkle/tlog_proof.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

using namespace merkle;

void check_texts(std::string_view text) {
  if (const auto note = parse_note(text)) FUZZ_CHECK(format_note(*note) == text, "a note has one form");
  if (const auto checkpoint = parse_checkpoint(text))
    FUZZ_CHECK(format_checkpoint(*checkpoint) == text, "a checkpoint has one form");
  if (const auto proof = parse_tlog_proof(text))
    FUZZ_CHECK(format_tlog_proof(*proof) == text, "a receipt has one form");
  if (const auto path = parse_tile_path(text)) FUZZ_CHECK(tile_path(*path) == text, "a tile has one path");
  if (const auto verifier = NoteVerifier::parse(text))
    FUZZ_CHECK(verifier->to_text() == text, "a key has one form");
  if (const auto signer = NoteSigner::parse(text))
    FUZZ_CHECK(as_text(signer->to_text().view()) == text, "a secret key has one form");
}

void check_bundle(Input& input) {
  const Tile tile{.level = {}, .index = 0, .width = static_cast<unsigned>(1 + input.below(256))};
  const ByteView bytes = input.rest();
  const auto entries = decode_bundle(tile, bytes);
  if (entries) {
    Bytes again;
    for (const ByteView entry : *entries)
      FUZZ_CHECK(append_to_bundle(again, entry).has_value(), "an entry fits");
    FUZZ_CHECK(equal(again, bytes), "a bundle has one form");
  }
  const Tile hashes{.level = 0, .index = 0, .width = tile.width};
  if (const auto decoded = decode_tile(hashes, bytes))
    FUZZ_CHECK(equal(encode_tile(*decoded), bytes), "a tile has one form");
}

/// Proofs for a tree of which the reader knows every leaf.
void check_proofs(Input& input) {
  std::vector<Hash> leaves(1 + input.below(40));
  for (std::size_t i = 0; i < leaves.size(); ++i) leaves[i] = leaf_hash(Bytes{static_cast<std::uint8_t>(i)});
  CompactTree tree;
  std::vector<Hash> roots{tree.root()};
  for (const Hash& leaf : leaves) {
    tree.append(leaf);
    roots.push_back(tree.root());
  }
  const auto some_proof = [&] {
    Proof proof(input.below(9));
    for (Hash& each : proof) {
      if (input.flag()) {
        each = leaves[input.below(leaves.size())];
      } else {
        std::ranges::copy(input.take(each.size()), each.begin());
      }
    }
    return proof;
  };
  const std::uint64_t index = input.word(), size = input.below(leaves.size() + 1);
  const std::size_t claimed = input.below(leaves.size());
  if (verify_inclusion(index, size, leaves[claimed], some_proof(), roots[size]))
    FUZZ_CHECK(index == claimed && index < size,
               "only what is in the log, in its place, is proven to be in it");
  const std::uint64_t old_size = input.below(leaves.size() + 1);
  const Hash& wrong = leaves[claimed];
  if (verify_consistency(old_size, size, wrong, roots[size], some_proof()))
    FUZZ_CHECK(old_size == 1 && claimed == 0, "no other history is consistent with the log");
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  fuzz::Input input(data, size);
  switch (input.byte()) {
    case 0:
      fuzz::check_bundle(input);
      break;
    case 1:
      fuzz::check_proofs(input);
      break;
    default:
      fuzz::check_texts(as_text(ByteView(data, size)));
  }
  return 0;
}
