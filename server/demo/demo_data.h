// Fills an empty server with the people, duties and patients of hospital.h (`wardlined demo-data`).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "server/clinical/patients.h"
#include "server/directory/directory.h"

namespace wardline::demo {

struct Parts {
  identity::Identity& identity;
  directory::Directory& directory;
  clinical::Patients& patients;
};

/// What a person needs to sign in the first time. Random for each data directory.
struct Account {
  std::string username;
  std::string password;
  std::string activation_code;
  std::string name;
  std::string role_title;
  std::string service;
};

/// All of it in one transaction. Error: `conflict` "not-empty" when there are accounts already.
core::Result<std::vector<Account>> load(const Parts& parts);

/// Writes the accounts as a table to a new file that its owner alone may read (0600). Error: "accounts-file"
/// (it exists, or cannot be written).
core::Result<void> write_accounts(const std::filesystem::path& file, const std::vector<Account>& accounts);

}  // namespace wardline::demo
