#include "lib/transparency/log_view.h"

#include <algorithm>
#include <bit>

namespace wardline::transparency {
namespace {

constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kLargestCheckpoint = 4096;

}  // namespace

std::string_view name_of(Alarm alarm) {
  switch (alarm) {
    case Alarm::malformed:
      return "malformed";
    case Alarm::other_key:
      return "other-key";
    case Alarm::bad_signature:
      return "bad-signature";
    case Alarm::rolled_back:
      return "rolled-back";
    case Alarm::forked:
      return "forked";
    case Alarm::not_included:
      return "not-included";
  }
  return "unknown";
}

LogView::LogView(Kept kept, merkle::NoteVerifier verifier)
    : kept_(std::move(kept)),
      logged_(kept_.logged.begin(), kept_.logged.end()),
      verifier_(std::move(verifier)) {
  kept_.logged.clear();
}

Outcome<LogView> LogView::create(std::string_view key) {
  auto verifier = merkle::NoteVerifier::parse(key);
  if (!verifier) return std::unexpected(Alarm::malformed);
  Kept kept;
  kept.key = key;
  return LogView(std::move(kept), std::move(*verifier));
}

Outcome<LogView> LogView::open(ByteView state) {
  auto kept = tls::decode<Kept>(state);
  if (!kept || kept->version != kVersion || kept->read > kept->size) return std::unexpected(Alarm::malformed);
  auto verifier = merkle::NoteVerifier::parse(kept->key);
  if (!verifier) return std::unexpected(Alarm::malformed);
  return LogView(std::move(*kept), std::move(*verifier));
}

Bytes LogView::state() const {
  Kept kept = kept_;
  kept.logged.assign(logged_.begin(), logged_.end());
  return tls::encode(kept);
}

Outcome<merkle::Checkpoint> LogView::opened(std::string_view checkpoint) const {
  if (checkpoint.size() > kLargestCheckpoint) return std::unexpected(Alarm::malformed);
  const auto note = merkle::parse_note(checkpoint);
  if (!note) return std::unexpected(Alarm::malformed);
  auto opened = merkle::open_checkpoint(*note, verifier_.name(), verifier_);
  if (!opened) {
    return std::unexpected(opened.error() == merkle::Error::malformed ? Alarm::malformed
                                                                      : Alarm::bad_signature);
  }
  return std::move(*opened);
}

Outcome<void> LogView::learn(std::string_view checkpoint, std::span<const merkle::Hash> consistency) {
  const auto next = opened(checkpoint);
  if (!next) return std::unexpected(next.error());
  if (next->size < kept_.size) return std::unexpected(Alarm::rolled_back);
  const bool is_first = kept_.size == 0;
  if (!is_first && !merkle::verify_consistency(kept_.size, next->size, kept_.root, next->root, consistency)) {
    return std::unexpected(Alarm::forked);
  }
  if (is_first) kept_.read = next->size;
  kept_.size = next->size;
  kept_.root = next->root;
  kept_.checkpoint = checkpoint;
  return {};
}

Outcome<void> LogView::prove(const IssuedCertificate& issued, std::uint64_t index,
                             std::span<const merkle::Hash> inclusion) {
  const merkle::Hash leaf = merkle::leaf_hash(as_bytes(encode_entry(issued)));
  if (!merkle::verify_inclusion(index, kept_.size, leaf, inclusion, kept_.root)) {
    return std::unexpected(Alarm::not_included);
  }
  if (logged_.size() >= kMostRemembered) logged_.clear();
  logged_.insert(hash_of_certificate(issued.certificate));
  return {};
}

Outcome<std::uint64_t> LogView::size_of(std::string_view checkpoint) const {
  const auto other = opened(checkpoint);
  if (!other) return std::unexpected(other.error());
  return other->size;
}

Outcome<void> LogView::compare(std::string_view checkpoint, std::span<const merkle::Hash> consistency) const {
  const auto other = opened(checkpoint);
  if (!other) return std::unexpected(other.error());
  if (other->size == 0) return {};
  if (other->size > kept_.size) return std::unexpected(Alarm::rolled_back);
  if (!merkle::verify_consistency(other->size, kept_.size, other->root, kept_.root, consistency)) {
    return std::unexpected(Alarm::forked);
  }
  return {};
}

std::optional<LogView::Range> LogView::unread() const {
  if (kept_.read >= kept_.size) return std::nullopt;
  // The longest subtree that begins here: its start is a multiple of the power of two that covers it.
  std::uint64_t longest = kMostEntriesAtOnce;
  if (kept_.read != 0) longest = std::min(longest, std::uint64_t{1} << std::countr_zero(kept_.read));
  return Range{kept_.read, kept_.read + std::min(longest, kept_.size - kept_.read)};
}

Outcome<std::vector<IssuedCertificate>> LogView::read(std::span<const std::string> entries,
                                                      std::span<const merkle::Hash> subtree_consistency) {
  const auto range = unread();
  if (!range || entries.size() != range->last - range->first) return std::unexpected(Alarm::malformed);
  merkle::CompactTree subtree;
  std::vector<IssuedCertificate> said;
  for (const std::string& entry : entries) {
    subtree.append(merkle::leaf_hash(as_bytes(entry)));
    // An entry of a form that this client does not know says nothing to it; that it is the log's shows below.
    if (auto issued = parse_entry(entry)) said.push_back(std::move(*issued));
  }
  if (!merkle::verify_subtree_consistency(range->first, range->last, kept_.size, subtree.root(), kept_.root,
                                          subtree_consistency)) {
    return std::unexpected(Alarm::forked);
  }
  kept_.read = range->last;
  return said;
}

}  // namespace wardline::transparency
