// Inside of Group: a commit that waits for the delivery service.
#pragma once

#include "lib/mls/member/group.h"

namespace wardline::mls {

struct Group::Pending {
  MlsMessage message;  ///< to be told from others' when it comes back
  MemberState next;
  CommitRequest request;  ///< to be made again if another commit wins
};

}  // namespace wardline::mls
