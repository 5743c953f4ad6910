// The device log as clients and monitors ask about it: signed checkpoints, proofs, entries, tiles (ENC-8).
//
// Everything follows from the rows of the database and the size that the sequencer has signed, on every node
// alike: whoever asks two nodes sees one log.
#pragma once

#include <map>
#include <mutex>

#include "lib/merkle/hash_tree.h"
#include "lib/merkle/note_key.h"
#include "lib/merkle/tile.h"
#include "lib/transparency/entry.h"
#include "server/audit/store.h"
#include "server/identity/requester.h"

namespace wardline::identity {

/// What a client found wrong, in the words of its report.
enum class DeviceLogProblem : std::uint8_t {
  other_key,
  bad_signature,
  rolled_back,
  forked,
  not_included,
  unlogged_device,
  members_differ,
};

/// Safe for use from many threads.
class DeviceLog {
 public:
  static constexpr std::size_t kMostCertificates = 256;
  static constexpr std::uint64_t kMostEntries = 256;

  DeviceLog(const Environment& environment, merkle::NoteSigner key);

  /// The signed-note verifier key that clients pin.
  std::string key() const { return key_.verifier().to_text(); }

  /// The newest one. Errors: `unavailable` "not-logged-yet" before the first; those of the database.
  core::Result<std::string> checkpoint();
  /// Errors: `invalid` "no-such-size" unless 0 < from <= to <= the newest size.
  core::Result<merkle::Proof> consistency(std::uint64_t from, std::uint64_t to);

  struct Inclusion {
    transparency::CertificateHash certificate{};
    std::uint64_t index = 0;
    merkle::Proof proof;
  };
  /// Under the checkpoint of this size, in the order of `certificates`. Errors: `conflict` "not-logged-yet"
  /// where one of them is in no entry below it, with retry_after_seconds; "no-such-size".
  core::Result<std::vector<Inclusion>> inclusion(std::uint64_t size,
                                                 std::span<const transparency::CertificateHash> certificates);

  struct Entries {
    std::vector<std::string> entries;
    merkle::Proof proof;
  };
  /// The entries of the subtree [first, last), at most kMostEntries, and that it is part of the tree of
  /// `size`. Errors: `invalid` "no-such-range", "no-such-size".
  core::Result<Entries> entries(std::uint64_t first, std::uint64_t last, std::uint64_t size);

  /// For monitors outside: a C2SP tile or bundle by its path, or "checkpoint". Audited. Errors: `not_found`.
  core::Result<Bytes> file(const Requester& who, std::string_view path);

  /// A client's alarm, written to the audit log.
  core::Result<void> report(const Requester& who, DeviceLogProblem problem,
                            std::optional<core::ConversationId> conversation);

 private:
  core::Result<void> follow();
  void take(const std::vector<std::string>& entries);
  core::Result<void> check_size(std::uint64_t size, std::uint64_t most) const;
  core::Result<Bytes> tile(const merkle::Tile& tile);
  core::Result<std::vector<std::string>> rows(std::uint64_t first, std::uint64_t count) const;

  const Environment environment_;
  const merkle::NoteSigner key_;
  const audit::Store store_;
  std::mutex mutex_;
  merkle::HashTree tree_;
  std::map<transparency::CertificateHash, std::uint64_t> index_;
  std::optional<std::string> checkpoint_;  // Of all of `tree_`.
};

}  // namespace wardline::identity
