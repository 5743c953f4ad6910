// St. Mary's, a hospital that does not exist: people, duties and patients to try Wardline with. Every name,
// number and date is made up.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "server/policy/subject.h"

namespace wardline::demo {

struct Colleague {
  std::string_view username;
  std::string_view name;
  policy::Role role;
  policy::Employment employment;
  std::string_view role_title;
  std::string_view service;
  std::string_view location;
};

/// Two shifts a day, taken in turn by those who share the duty.
struct OnCallPlan {
  std::string_view name;
  std::string_view service;
  std::initializer_list<std::string_view> usernames;
};

struct DemoPatient {
  std::string_view family_name;
  std::string_view given_name;
  std::string_view birth_date;
  std::string_view sex;
  std::string_view mrn;
  std::string_view service;
  std::string_view location;
  std::string_view bed;
  std::string_view allergies;  ///< separated by ';'
};

std::span<const Colleague> colleagues();
std::span<const OnCallPlan> on_call_plans();
std::span<const DemoPatient> patients();

}  // namespace wardline::demo
