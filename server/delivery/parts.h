// What the services of delivery share. All of it outlives them; wired in server/app.
#pragma once

#include "server/core/clock.h"
#include "server/delivery/body_sealer.h"
#include "server/delivery/hub.h"
#include "server/delivery/journal.h"
#include "server/delivery/membership.h"
#include "server/policy/decide.h"
#include "server/storage/database.h"

namespace wardline::delivery {

struct DeliveryParts {
  storage::Database& database;
  const policy::Policy& policy;
  const core::Clock& clock;
  const BodySealer& sealer;
  const Journal& journal;
  MembershipCache& memberships;
  Hub& hub;
};

}  // namespace wardline::delivery
