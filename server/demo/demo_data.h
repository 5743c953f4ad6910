// Fills an empty server with the people, duties and patients of hospital.h (`wardlined demo-data`).
#pragma once

#include <vector>

#include "server/clinical/patients.h"
#include "server/directory/joining.h"

namespace wardline::demo {

struct Parts {
  identity::Identity& identity;
  directory::Directory& directory;
  clinical::Patients& patients;
};

/// All of it in one transaction. Error: `conflict` "not-empty" when there are accounts already.
core::Result<std::vector<directory::FirstSignIn>> load(const Parts& parts);

}  // namespace wardline::demo
