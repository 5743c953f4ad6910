// Joining a group by an external commit (RFC 9420 §12.4.3.2): without being invited, from a GroupInfo alone.
#pragma once

#include "lib/mls/member/group.h"

namespace wardline::mls {

struct ExternalJoinInput {
  std::optional<RatchetTreeWire> tree = {};  ///< if it is not inside the GroupInfo
  LeafDescription leaf;
  /// The own leaf of before, to be removed by the same commit: for a device that has lost its state
  /// ("resync").
  std::optional<LeafIndex> replaces = {};
  std::vector<PreSharedKeyId> psks = {};
  Bytes authenticated_data = {};
  GroupConfig config = {};
};

/// A commit that makes its sender a member once the delivery service has accepted it.
class ExternalJoin {
 public:
  /// `Rule::external_pub_present` if the GroupInfo does not invite external commits.
  static Result<ExternalJoin> create(const GroupInfo& info, ExternalJoinInput input,
                                     const crypto::Signer& signer, const Environment& environment);

  const MlsMessage& commit() const { return commit_; }
  /// Of the epoch that the commit opens, for the delivery service.
  const MlsMessage& group_info() const { return group_info_; }
  const GroupContext& next_context() const { return next_.group.context; }

  /// The delivery service has accepted the commit.
  Group accept() &&;

  /// A crash between sending and accepting must not lose the group.
  Result<Bytes> seal(const SealingKey& key) const;
  static Result<ExternalJoin> unseal(const SealingKey& key, ByteView sealed);

 private:
  ExternalJoin(MlsMessage commit, MlsMessage group_info, MemberState next, GroupConfig config);
  MlsMessage commit_;
  MlsMessage group_info_;
  MemberState next_;
  GroupConfig config_;
};

}  // namespace wardline::mls
