// The few questions before a first message, each about one person or one fact (CH-10, SAF-4, IAM-6), and
// whether they have been answered.
#pragma once

#include <array>

#include "client/messaging/api.h"

namespace wardline::client {

/// Why somebody writes to another service, or outside the patient's care team.
inline constexpr std::array<std::string_view, 6> kReasons{"consult",   "handover",     "on-call",
                                                          "emergency", "coordination", "other"};
/// What `--confirm` calls the two confirmations that are about no single person.
inline constexpr std::string_view kConfirmCrossService = "cross-service";
inline constexpr std::string_view kConfirmReason = "reason";

/// "reason=WHY, where WHY is one of …".
std::string how_to_say_why();

/// What somebody says to have checked: about a person, a fact that sets them apart.
struct Confirmations {
  struct Checked {
    std::string person;  ///< full name or user id
    std::string fact;    ///< the person's service, role or location, as the directory writes it
  };
  std::vector<Checked> people = {};
  bool cross_service = false;
  std::optional<std::string> reason = {};  ///< of `kReasons`, where it is asked for
};

/// What goes with the call that brings these people in, where nothing is left to be confirmed.
/// `needs-confirmation` says of whom and what; `denied` codes of the policy say why not at all. The server is
/// told of recipients who were confirmed now.
Outcome<Answers> review_recipients(Api& api, const std::vector<Person>& recipients,
                                   const std::optional<std::string>& patient_id, Priority priority,
                                   const Confirmations& confirmed);

/// Yes to everything that is asked about whole services, and `reason` wherever one is asked for.
Answers answers_to(const std::vector<Obligation>& asked, const std::optional<std::string>& reason);

/// "Samir Patel, Charge nurse, Cardiology, 4 West".
std::string describe(const Person& person);

}  // namespace wardline::client
