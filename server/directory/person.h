// A person as colleagues see them in the directory.
#pragma once

#include <optional>
#include <string>

#include "server/core/clock.h"
#include "server/core/id.h"
#include "server/policy/subject.h"

namespace wardline::directory {

struct Service {
  core::ServiceLineId id;
  std::string name;
};

struct Location {
  core::LocationId id;
  std::string name;
};

struct Person {
  core::UserId id;
  std::string name;
  std::string username = {};
  policy::Role role = policy::Role::nurse;
  std::string role_title = {};  ///< what people read: "Attending physician"
  Service service = {};
  Location location = {};
  bool active = true;
  bool has_device = false;
};

}  // namespace wardline::directory
