// Bounds on what we take from others, far above honest use (RFC 9420 sets none).
#pragma once

#include <cstddef>
#include <cstdint>

namespace wardline::mls {

struct Limits {
  /// Width of the ratchet tree: members and blank leaves between them.
  std::uint32_t leaves = 1U << 16;
  /// Any message: a GroupInfo with the tree of a full group is the largest one that occurs.
  std::size_t message_bytes = std::size_t{64} << 20;
  std::size_t proposals_per_commit = 1U << 14;
  /// Proposals that wait for a commit in one epoch.
  std::size_t pending_proposals = 1U << 14;
};

}  // namespace wardline::mls
