// The stored form of a member's state. It leaves memory only inside sealed bytes (sealed.h).
#pragma once

#include "lib/mls/member/member_state.h"

namespace wardline::mls {

/// The public half. What was validated when it came in is not validated again when it is read.
void write_public_state(tls::Writer& out, const PublicState& state);
Result<PublicState> read_public_state(tls::Reader& in);

void write_state(tls::Writer& out, const MemberState& state);
Result<MemberState> read_state(tls::Reader& in);

/// A state of a past epoch, as what differs from `now`, a later state of the same group: only the leaves,
/// which is what reading late messages needs.
void write_past_state(tls::Writer& out, const PublicState& past, const PublicState& now);
Result<PublicState> read_past_state(tls::Reader& in, const PublicState& now);

}  // namespace wardline::mls
