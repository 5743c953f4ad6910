// A commit with all that belongs to it: the Welcome for those it adds and the GroupInfo of the epoch it
// begins (LESSONS 5).
#pragma once

#include "lib/mls/public/public_group.h"
#include "server/core/error.h"

namespace wardline::delivery {

struct Bundle {
  mls::ReceivedMessage commit;
  std::optional<mls::Welcome> welcome;
  mls::GroupInfo group_info;  ///< needs no tree: the server has followed it
};

/// Decodes the parts. Errors: "mls-rejected", "bundle-incomplete" (no external_pub in the GroupInfo).
core::Result<Bundle> read_bundle(ByteView commit, const std::optional<Bytes>& welcome, ByteView group_info);

/// A GroupInfo in its envelope. Error "mls-rejected".
core::Result<mls::GroupInfo> read_group_info(ByteView message);

/// That Welcome and GroupInfo fit the commit that was staged. Errors: "mls-rejected", "bundle-incomplete".
core::Result<void> check_bundle(const Bundle& bundle, const mls::StagedCommit& staged);

/// Says which rule was broken, by name, section and sentence.
core::Error mls_rejected(const mls::Error& error);

}  // namespace wardline::delivery
