// What goes into a conversation and comes out of it. All of it has a TLS presentation: it crosses the border
// of the WebAssembly module (the other side is web/packages/mls/src/wire.ts) and is stored.
#pragma once

#include "lib/mls/public/types.h"
#include "lib/transparency/log_view.h"

namespace wardline::conversation {

using ConversationId = std::array<std::uint8_t, 16>;

struct Device {
  std::string user_id;  ///< UUIDs in text form, lower case
  std::string device_id;
  bool operator==(const Device&) const = default;
  WARDLINE_TLS_FIELDS(user_id, device_id)
};

struct NewMember {
  Device device;
  Bytes key_package;
  WARDLINE_TLS_FIELDS(device, key_package)
};

/// What a commit of ours is to do.
struct Intent {
  std::vector<NewMember> add;
  std::vector<Device> remove;
  WARDLINE_TLS_FIELDS(add, remove)
};

struct PendingCommit {
  std::uint64_t epoch = 0;  ///< in which it was made
  Bytes commit;
  std::optional<Bytes> welcome;
  Bytes group_info;
  std::vector<Device> added;
  std::vector<Device> removed;
  WARDLINE_TLS_FIELDS(epoch, commit, welcome, group_info, added, removed)
};

/// A conversation's state, sealed: the whole as of the last handshake, and since then what messages have
/// changed.
struct SealedState {
  Bytes base;
  Bytes ratchets;  ///< empty: nothing since
  WARDLINE_TLS_FIELDS(base, ratchets)
};

struct OpenedConversation {
  ConversationId id{};
  std::uint64_t epoch = 0;
  std::vector<Device> members = {};
  std::optional<PendingCommit> pending = {};
  WARDLINE_TLS_FIELDS(id, epoch, members, pending)
};

struct StagedCommit {
  PendingCommit pending;
  SealedState state;
  WARDLINE_TLS_FIELDS(pending, state)
};

struct CreatedConversation {
  Bytes group_info_0;
  StagedCommit first;
  WARDLINE_TLS_FIELDS(group_info_0, first)
};

struct JoinedConversation {
  OpenedConversation opened;
  Bytes reference;  ///< of the key package that was used
  SealedState state;
  WARDLINE_TLS_FIELDS(opened, reference, state)
};

struct MergedCommit {
  std::uint64_t epoch = 0;
  std::vector<Device> members;
  SealedState state;
  WARDLINE_TLS_FIELDS(epoch, members, state)
};

struct ProtectedMessage {
  Bytes message;
  std::uint64_t epoch = 0;
  SealedState state;
  WARDLINE_TLS_FIELDS(message, epoch, state)
};

enum class Flag : std::uint8_t { no = 0, yes = 1 };
inline Flag flag(bool value) { return value ? Flag::yes : Flag::no; }

enum class EntryKind : std::uint8_t {
  own_message = 0,
  past_epoch = 1,
  application = 2,
  commit = 3,
  proposal = 4
};

/// What came of one entry of the log. Only the fields of its kind are set.
struct ProcessedEntry {
  EntryKind kind = EntryKind::own_message;
  std::uint64_t epoch = 0;
  std::optional<Device> sender = {};
  SecretBytes content = {};
  Flag own = Flag::no;  ///< commit: our pending one came back
  Flag removed_self = Flag::no;
  Flag needs_commit = Flag::no;
  std::vector<Device> added = {};
  std::vector<Device> removed = {};  ///< proposal: whom it would remove
  std::optional<Intent> lost = {};
  SealedState state = {};  ///< empty if nothing changed

  WARDLINE_TLS_FIELDS(kind, epoch, sender, content, own, removed_self, needs_commit, added, removed, lost,
                      state)
};

/// That a certificate is an entry of the device log, under the checkpoint seen last.
struct LoggedCertificate {
  transparency::CertificateHash certificate{};
  std::uint64_t index = 0;
  std::vector<merkle::Hash> proof;
  WARDLINE_TLS_FIELDS(certificate, index, proof)
};

/// What this device has seen of the device log. `state` is to be kept, sealed, after each call that gives it.
struct LogStatus {
  std::uint64_t size = 0;
  std::string checkpoint;
  std::optional<transparency::LogView::Range> unread;
  Bytes state;
  WARDLINE_TLS_FIELDS(size, checkpoint, unread, state)
};

/// A device that was logged under this device's person.
struct OwnDevice {
  std::string device_id;
  std::uint64_t issued_at = 0;  ///< microseconds since 1970; 0 if the certificate is no certificate
  WARDLINE_TLS_FIELDS(device_id, issued_at)
};

struct ReadEntries {
  std::vector<OwnDevice> own;
  LogStatus status;
  WARDLINE_TLS_FIELDS(own, status)
};

struct SealedKeyPackage {
  Bytes reference;
  Bytes key_package;
  Bytes sealed;
  std::uint64_t expires_at = 0;  ///< microseconds since 1970
  WARDLINE_TLS_FIELDS(reference, key_package, sealed, expires_at)
};

}  // namespace wardline::conversation
