// `wardlined demo-data`: fills a fresh data directory with the synthetic hospital.
#pragma once

#include <filesystem>

#include "server/core/clock.h"
#include "server/core/error.h"

namespace wardline::app {

/// Leaves the accounts in demo-accounts.txt, for people, and demo-accounts.json, for browser tests. Errors:
/// "not-empty", and those of the configuration and of opening the directory.
core::Result<void> load_demo_data(const std::filesystem::path& data, const core::Clock& clock);

/// `wardlined load-accounts`: `count` people for wardline-load to sign in as, in load-accounts.json.
core::Result<void> load_accounts(const std::filesystem::path& data, int count, const core::Clock& clock);

}  // namespace wardline::app
