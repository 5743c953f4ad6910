// Policy as data (IAM-14): a versioned table of rules that can be printed, tested and explained.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "server/policy/subject.h"

namespace wardline::policy {

/// A small set of enum values.
template <class Enum>
class Set {
 public:
  constexpr Set() = default;
  constexpr Set(std::initializer_list<Enum> values) {
    for (const Enum value : values) bits_ |= bit(value);
  }
  static constexpr Set all() {
    Set set;
    set.bits_ = ~std::uint64_t{0};
    return set;
  }
  constexpr bool contains(Enum value) const { return (bits_ & bit(value)) != 0; }

 private:
  static constexpr std::uint64_t bit(Enum value) { return std::uint64_t{1} << static_cast<unsigned>(value); }
  std::uint64_t bits_ = 0;
};

/// What else must be true for a rule to apply. Each is a fact that the owner of the resource states.
enum class Condition : std::uint8_t {
  always,
  own,                      ///< the thing belongs to the subject
  not_own,                  ///< it belongs to somebody else
  member,                   ///< the subject is a member of the conversation
  care_team,                ///< the subject is on the patient's care team
  patient_conversation,     ///< the subject is a member of a conversation about the patient
  contractor,               ///< the subject is not staff
  recipient_inactive,       ///< the recipient's account has ended
  recipient_new,            ///< the subject has not confirmed this contact yet (CH-10)
  recipient_other_service,  ///< subject and recipient share no service line (SAF-4)
  recipient_outside_care,   ///< a patient is attached and the recipient is not on the care team (MSG-8)
};
std::string_view words_of(Condition condition);  ///< completes "if …"

enum class ObligationKind : std::uint8_t { confirm_contact, confirm_cross_service, reason };
std::string_view name_of(ObligationKind kind);

enum class Effect : std::uint8_t { permit, deny, oblige };

/// One line of the policy. `deny` beats `permit`; `oblige` adds a duty to a permit; what nothing permits is
/// denied.
struct Rule {
  std::string_view id;  ///< stable, e.g. "P-12": cited by audit entries and explanations
  Effect effect = Effect::permit;
  Set<Role> roles;
  Set<Action> actions;
  Condition condition = Condition::always;
  ObligationKind obligation = ObligationKind::reason;  ///< for `oblige`
  std::string_view because;                            ///< one sentence for people
};

struct Policy {
  std::int64_t version = 0;
  std::vector<Rule> rules;
};

/// The policy that ships: what a hospital starts with.
const Policy& built_in_policy();

}  // namespace wardline::policy
