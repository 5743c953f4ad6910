// The rules for groups that continue others: reinitialisation (RFC 9420 §11.2) and branching (§11.3).
#pragma once

#include "lib/mls/member/group.h"

namespace wardline::mls {

/// The usage reinit or branch that a PSK id has, if any.
std::optional<ResumptionPskUsage> continuation_usage(const PreSharedKeyId& id);

/// Whether `id` names the present epoch of `group`.
bool is_resumption_of(const PreSharedKeyId& id, const Group& group);

/// For who joins: if the Welcome's PSKs say that the group continues another, that one is `predecessor`, and
/// parameters and members are as §11.2 or §11.3 demand.
Result<void> check_continuation(const PublicState& group, std::span<const PreSharedKeyId> psks,
                                const Group* predecessor, const Validation& validation);

}  // namespace wardline::mls
