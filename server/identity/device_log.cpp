#include "server/identity/device_log.h"

#include "lib/auditlog/files.h"
#include "lib/merkle/checkpoint.h"

namespace wardline::identity {
namespace {

using core::ErrorKind;
using policy::Action;

constexpr std::size_t kPortion = 4096;

std::unexpected<core::Error> not_logged_yet(ErrorKind kind) {
  return core::fail(kind, "not-logged-yet",
                    "The device log does not have this yet. It is written about once a second: ask again.",
                    {{"retry_after_seconds", 1}});
}

std::unexpected<core::Error> contradiction() {
  return core::fail(
      ErrorKind::internal, "audit-log-contradicts-database",
      "The rows of the device log do not lead to its signed root. Treat it as tampering, and verify the "
      "log with `wardline audit verify`.");
}

audit::Code code_of(DeviceLogProblem problem) {
  switch (problem) {
    case DeviceLogProblem::other_key:
      return "device-log-other-key";
    case DeviceLogProblem::bad_signature:
      return "device-log-bad-signature";
    case DeviceLogProblem::rolled_back:
      return "device-log-rolled-back";
    case DeviceLogProblem::forked:
      return "device-log-forked";
    case DeviceLogProblem::not_included:
      return "device-log-bad-proof";
    case DeviceLogProblem::unlogged_device:
      return "unlogged-device";
    case DeviceLogProblem::members_differ:
      break;
  }
  return "device-log-members-differ";
}

}  // namespace

DeviceLog::DeviceLog(const Environment& environment, merkle::NoteSigner key)
    : environment_(environment),
      key_(std::move(key)),
      store_(environment.database.engine(), audit::kDeviceLog) {}

core::Result<std::vector<std::string>> DeviceLog::rows(std::uint64_t first, std::uint64_t count) const {
  return environment_.database.read(
      [&](storage::ReadTransaction& tx) { return store_.entries(tx, first, count); });
}

/// Reads what has been signed since the last call. With the mutex held.
core::Result<void> DeviceLog::follow() {
  const auto state = environment_.database.read(
      [&](storage::ReadTransaction& tx) -> core::Result<audit::LogState> { return store_.state(tx); });
  if (!state) return std::unexpected(state.error());
  while (tree_.size() < state->size) {
    const auto portion = rows(tree_.size(), std::min<std::uint64_t>(kPortion, state->size - tree_.size()));
    if (!portion) return std::unexpected(portion.error());
    if (portion->empty()) return contradiction();
    take(*portion);
  }
  if (checkpoint_ || tree_.size() == 0) return {};
  const merkle::Hash root = *tree_.root_at(tree_.size());
  // Two notes of one size with different roots would be a fork: never sign what the sequencer has not signed.
  if (state->size != tree_.size() || state->root != root) return contradiction();
  const auto note = merkle::sign_checkpoint({key_.verifier().name(), tree_.size(), root, {}}, key_);
  if (!note)
    return core::fail(ErrorKind::internal, "audit-signing-failed", "The checkpoint could not be signed.");
  checkpoint_ = merkle::format_note(*note);
  return {};
}

void DeviceLog::take(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    if (const auto issued = transparency::parse_entry(entry)) {
      index_.emplace(transparency::hash_of_certificate(issued->certificate), tree_.size());
    }
    tree_.append(merkle::leaf_hash(as_bytes(entry)));
  }
  checkpoint_.reset();
}

core::Result<void> DeviceLog::check_size(std::uint64_t size, std::uint64_t most) const {
  if (size != 0 && size <= most) return {};
  return core::fail(ErrorKind::invalid, "no-such-size", "The device log has no checkpoint of that size.",
                    {{"size", static_cast<std::int64_t>(tree_.size())}});
}

core::Result<std::string> DeviceLog::checkpoint() {
  const std::lock_guard lock(mutex_);
  if (auto followed = follow(); !followed) return std::unexpected(followed.error());
  if (!checkpoint_) return not_logged_yet(ErrorKind::unavailable);
  return *checkpoint_;
}

core::Result<merkle::Proof> DeviceLog::consistency(std::uint64_t from, std::uint64_t to) {
  const std::lock_guard lock(mutex_);
  if (auto followed = follow(); !followed) return std::unexpected(followed.error());
  if (auto ok = check_size(to, tree_.size()); !ok) return std::unexpected(ok.error());
  if (auto ok = check_size(from, to); !ok) return std::unexpected(ok.error());
  return *merkle::consistency_proof(tree_, from, to);
}

core::Result<std::vector<DeviceLog::Inclusion>> DeviceLog::inclusion(
    std::uint64_t size, std::span<const transparency::CertificateHash> certificates) {
  const std::lock_guard lock(mutex_);
  if (auto followed = follow(); !followed) return std::unexpected(followed.error());
  if (auto ok = check_size(size, tree_.size()); !ok) return std::unexpected(ok.error());
  std::vector<Inclusion> found;
  for (const auto& certificate : certificates) {
    const auto at = index_.find(certificate);
    if (at == index_.end() || at->second >= size) return not_logged_yet(ErrorKind::conflict);
    found.push_back({certificate, at->second, *merkle::inclusion_proof(tree_, at->second, size)});
  }
  return found;
}

core::Result<DeviceLog::Entries> DeviceLog::entries(std::uint64_t first, std::uint64_t last,
                                                    std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (auto followed = follow(); !followed) return std::unexpected(followed.error());
  if (auto ok = check_size(size, tree_.size()); !ok) return std::unexpected(ok.error());
  if (last > size || !merkle::is_subtree(first, last) || last - first > kMostEntries) {
    return core::fail(ErrorKind::invalid, "no-such-range",
                      "Entries are given as a subtree of the log, at most 256 at a time.");
  }
  auto said = rows(first, last - first);
  if (!said) return std::unexpected(said.error());
  return Entries{std::move(*said), *merkle::subtree_consistency_proof(tree_, first, last, size)};
}

core::Result<Bytes> DeviceLog::tile(const merkle::Tile& tile) {
  const auto absent = [] {
    return core::fail(ErrorKind::not_found, "not-found", "The log has no such tile.");
  };
  const auto whole = merkle::tile_in_tree(tree_.size(), tile.level, tile.index);
  if (!whole || tile.width > whole->width) return absent();
  if (tile.is_bundle()) {
    const auto said = rows(tile.index * merkle::kTileWidth, tile.width);
    if (!said) return std::unexpected(said.error());
    Bytes bundle;
    for (const std::string& entry : *said) {
      if (!merkle::append_to_bundle(bundle, as_bytes(entry))) return contradiction();
    }
    return bundle;
  }
  std::vector<merkle::Hash> hashes;
  for (std::uint64_t i = 0; i < tile.width; ++i) {
    const auto hash = tree_.node(*tile.level * merkle::kTileHeight, tile.index * merkle::kTileWidth + i);
    if (!hash) return absent();
    hashes.push_back(*hash);
  }
  return merkle::encode_tile(hashes);
}

core::Result<Bytes> DeviceLog::file(const Requester& who, std::string_view path) {
  const auto permitted = authorize<Action::audit_read>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  const auto recorded = environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    audit::append(tx, entry_by(who, Action::audit_read, permitted->decision(), environment_.clock.now()));
    return {};
  });
  if (!recorded) return std::unexpected(recorded.error());
  if (path == auditlog::kCheckpointFile) {
    const auto text = checkpoint();
    if (!text) return std::unexpected(text.error());
    return to_bytes(as_bytes(*text));
  }
  const auto wanted = merkle::parse_tile_path(path);
  if (!wanted) return core::fail(ErrorKind::not_found, "not-found", "The log has no such tile.");
  const std::lock_guard lock(mutex_);
  if (auto followed = follow(); !followed) return std::unexpected(followed.error());
  return tile(*wanted);
}

core::Result<void> DeviceLog::report(const Requester& who, DeviceLogProblem problem,
                                     std::optional<core::ConversationId> conversation) {
  const auto permitted = authorize<Action::device_log_report>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    auto entry = entry_by(who, Action::device_log_report, permitted->decision(), environment_.clock.now());
    entry.reason = code_of(problem);
    if (conversation) entry.objects = {*conversation};
    audit::append(tx, entry);
    return {};
  });
}

}  // namespace wardline::identity
