// A client's view of the device log: the last checkpoint that it has seen, which certificates it knows to be
// logged, and how far it has read. Grows only by what is proven against it.
#pragma once

#include <expected>
#include <set>
#include <span>

#include "lib/merkle/checkpoint.h"
#include "lib/merkle/proof.h"
#include "lib/tls_codec/codec.h"
#include "lib/transparency/entry.h"

namespace wardline::transparency {

/// What is wrong with what the log's keeper said. None of these can come from bad luck.
enum class Alarm : std::uint8_t {
  malformed = 1,      ///< no checkpoint, key or entry at all
  other_key = 2,      ///< the log's key is not the one that was pinned
  bad_signature = 3,  ///< not signed by the log's key
  rolled_back = 4,    ///< a log that had more entries before
  forked = 5,         ///< entries were removed or replaced: no continuation of what was seen before
  not_included = 6,   ///< a proof that does not lead to the signed root
};
std::string_view name_of(Alarm alarm);

template <class T>
using Outcome = std::expected<T, Alarm>;

/// Used by one thread at a time. A call that fails has changed nothing.
class LogView {
 public:
  /// Certificates that are remembered as logged; above it all are forgotten and proven again.
  static constexpr std::size_t kMostRemembered = 4096;
  static constexpr std::uint64_t kMostEntriesAtOnce = 256;

  /// Pins this key (a signed-note verifier key in text form). Nothing of the log has been seen.
  static Outcome<LogView> create(std::string_view key);
  /// What `state` gave. To be kept where nobody can change it.
  static Outcome<LogView> open(ByteView state);
  Bytes state() const;

  const std::string& key() const { return kept_.key; }
  std::uint64_t size() const { return kept_.size; }
  /// The note that says so; empty while nothing has been seen.
  const std::string& checkpoint() const { return kept_.checkpoint; }

  /// A newer checkpoint, with the consistency proof from `size()`; none where one of the sizes is 0 or both
  /// are equal.
  Outcome<void> learn(std::string_view checkpoint, std::span<const merkle::Hash> consistency);

  /// That the certificate is entry `index` under the checkpoint last seen.
  Outcome<void> prove(const IssuedCertificate& issued, std::uint64_t index,
                      std::span<const merkle::Hash> inclusion);
  bool is_logged(const CertificateHash& certificate) const { return logged_.contains(certificate); }

  /// The size in somebody else's checkpoint, once it is clear that the log's key has signed it.
  Outcome<std::uint64_t> size_of(std::string_view checkpoint) const;
  /// That this view continues somebody else's, whose size is not larger: the two have seen one log. `forked`
  /// with a checkpoint that the log's key has signed is the proof of a fork.
  Outcome<void> compare(std::string_view checkpoint, std::span<const merkle::Hash> consistency) const;

  /// Entries that were not read yet, as a subtree of the log: [first, last).
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    WARDLINE_TLS_FIELDS(first, last)
  };
  std::optional<Range> unread() const;
  /// Reads all entries of `unread()`, which the proof shows to be the log's. Gives what they say. Reading
  /// begins with what is logged after the first checkpoint that was seen.
  Outcome<std::vector<IssuedCertificate>> read(std::span<const std::string> entries,
                                               std::span<const merkle::Hash> subtree_consistency);

 private:
  struct Kept {
    std::uint16_t version = 1;
    std::string key;
    std::uint64_t size = 0;
    merkle::Hash root = merkle::empty_root();
    std::uint64_t read = 0;
    std::string checkpoint;
    std::vector<CertificateHash> logged;
    WARDLINE_TLS_FIELDS(version, key, size, root, read, checkpoint, logged)
  };

  LogView(Kept kept, merkle::NoteVerifier verifier);
  Outcome<merkle::Checkpoint> opened(std::string_view checkpoint) const;

  Kept kept_;  // Without `logged`.
  std::set<CertificateHash> logged_;
  merkle::NoteVerifier verifier_;
};

}  // namespace wardline::transparency
