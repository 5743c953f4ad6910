// The commands of `wardlined` that fill a data directory with people, while no server runs on it.
#pragma once

#include <filesystem>
#include <functional>

#include "server/core/clock.h"
#include "server/core/error.h"

namespace wardline::app {

struct AddPeopleOptions {
  std::filesystem::path data;
  std::filesystem::path from;  ///< what parse_people reads
  std::filesystem::path
      accounts;  ///< where passwords and activation codes are written: a new file, mode 0600
};
/// Called after each of `all` passwords has been hashed, which takes about 60 ms.
using Progress = std::function<void(std::size_t done, std::size_t all)>;

/// `wardlined add-people`: all of them or, where anything is wrong, nobody. How many. Errors: those of
/// parse_people, "cannot-read", "username-taken", "cannot-write", and those of the configuration and of
/// opening the directory.
core::Result<std::size_t> add_people(const AddPeopleOptions& options, const core::Clock& clock,
                                     const Progress& progress);

/// `wardlined demo-data`: the synthetic hospital. Leaves the accounts in demo-accounts.txt, for people, and
/// demo-accounts.json, for browser tests. Errors: "not-empty", "cannot-write", and as above.
core::Result<void> load_demo_data(const std::filesystem::path& data, const core::Clock& clock);

/// `wardlined load-accounts`: `count` people for wardline-load to sign in as, in load-accounts.json.
core::Result<void> load_accounts(const std::filesystem::path& data, int count, const core::Clock& clock);

}  // namespace wardline::app
