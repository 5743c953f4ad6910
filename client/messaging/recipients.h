// The few questions before a first message, each about one person or one fact (CH-10, SAF-4, IAM-6), and
// whether they have been answered.
#pragma once

#include "client/messaging/api.h"

namespace wardline::client {

/// What somebody says to have checked: about a person, a fact that sets them apart.
struct Confirmations {
  struct Checked {
    std::string person;  ///< full name or user id
    std::string fact;    ///< the person's service, role or location, as the directory writes it
  };
  std::vector<Checked> people = {};
  bool cross_service = false;
  /// Why, where it is asked for: "consult", "handover", "on-call", "emergency", "coordination", "other".
  std::optional<std::string> reason = {};
};

/// Whether nothing is left to be confirmed. `needs-confirmation` says of whom and what; `denied` codes of the
/// policy say why not at all. Recipients who were confirmed now, and the reason, are told to the server.
Outcome<void> review_recipients(Api& api, const std::vector<Person>& recipients,
                                const std::optional<std::string>& patient_id, Priority priority,
                                const Confirmations& confirmed);

/// "Samir Patel, Charge nurse, Cardiology, 4 West".
std::string describe(const Person& person);

}  // namespace wardline::client
