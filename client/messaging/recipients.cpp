#include "client/messaging/recipients.h"

#include <algorithm>
#include <cctype>

namespace wardline::client {
namespace {

bool same_word(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
}

std::vector<std::string> facts_of(const Person& person) {
  return {person.service.name, person.role_title, person.location.name};
}

/// Facts that hold for this person and for none whose name looks alike.
std::vector<std::string> telling_facts(const Person& person, const std::vector<Person>& look_alikes) {
  auto facts = facts_of(person);
  std::erase_if(facts, [&](const std::string& fact) {
    return fact.empty() || std::ranges::any_of(look_alikes, [&](const Person& other) {
             return other.user_id != person.user_id &&
                    std::ranges::any_of(facts_of(other),
                                        [&](const auto& theirs) { return same_word(fact, theirs); });
           });
  });
  return facts;
}

bool was_checked(const Person& person, const std::vector<std::string>& facts,
                 const Confirmations& confirmed) {
  return std::ranges::any_of(confirmed.people, [&](const Confirmations::Checked& checked) {
    const bool is_meant = checked.person == person.user_id || same_word(checked.person, person.name);
    return is_meant &&
           std::ranges::any_of(facts, [&](const std::string& fact) { return same_word(fact, checked.fact); });
  });
}

bool is_met(const Obligation& duty, const Confirmations& confirmed) {
  switch (duty.kind) {
    case ObligationKind::confirm_contact:
      return true;  // Asked below, by name.
    case ObligationKind::confirm_cross_service:
      return confirmed.cross_service;
    case ObligationKind::reason:
      return confirmed.reason && std::ranges::find(kReasons, *confirmed.reason) != kReasons.end();
  }
  return false;
}

std::string how_to_meet(const Obligation& duty) {
  if (duty.kind == ObligationKind::confirm_cross_service)
    return " Confirm it with --confirm " + std::string(kConfirmCrossService);
  return " Say why, with --confirm " + how_to_say_why();
}

/// Several rules may ask the same about one person.
void add_once(std::vector<std::string>& users, const std::string& user) {
  if (std::ranges::find(users, user) == users.end()) users.push_back(user);
}

std::string question_about(const Person& person, const std::vector<std::string>& facts,
                           const std::vector<Person>& look_alikes) {
  std::string text = "You have not written to this person before: " + describe(person) + ".";
  for (const Person& other : look_alikes) {
    if (other.user_id != person.user_id) text += " Not to be confused with " + describe(other) + ".";
  }
  if (facts.empty()) return text + " Nothing in the directory sets them apart: ask the directory's keeper.";
  return text + " Check that this is who you mean, and confirm it by naming what you checked: --confirm \"" +
         person.name + "=" + facts.front() + "\"";
}

}  // namespace

std::string how_to_say_why() {
  std::string text = std::string(kConfirmReason) + "=WHY, where WHY is one of";
  for (const std::string_view reason : kReasons) text += " " + std::string(reason);
  return text;
}

std::string describe(const Person& person) {
  return person.name + ", " + person.role_title + ", " + person.service.name + ", " + person.location.name;
}

Answers answers_to(const std::vector<Obligation>& asked, const std::optional<std::string>& reason) {
  Answers answers;
  for (const Obligation& duty : asked) {
    if (!duty.user_id) continue;
    if (duty.kind == ObligationKind::confirm_cross_service) add_once(answers.cross_service, *duty.user_id);
    if (duty.kind != ObligationKind::reason || !reason) continue;
    answers.reason = reason;
    add_once(answers.reason_for, *duty.user_id);
  }
  return answers;
}

Outcome<Answers> review_recipients(Api& api, const std::vector<Person>& recipients,
                                   const std::optional<std::string>& patient_id, Priority priority,
                                   const Confirmations& confirmed) {
  std::vector<std::string> ids;
  ids.reserve(recipients.size());
  for (const Person& person : recipients) ids.push_back(person.user_id);
  const auto decision = api.send_decision(ids, patient_id, priority);
  if (!decision) return std::unexpected(decision.error());
  if (!decision->permit)
    return failed(decision->denied_code.empty() ? "denied" : decision->denied_code, decision->denied_text);
  for (const Obligation& duty : decision->obligations) {
    if (!is_met(duty, confirmed)) return failed("needs-confirmation", duty.text + how_to_meet(duty));
  }
  const auto similar = api.similar_people(ids);
  if (!similar) return std::unexpected(similar.error());
  std::vector<std::string> newly;
  for (const Person& person : recipients) {
    const bool asked = std::ranges::any_of(decision->obligations, [&](const Obligation& duty) {
      return duty.kind == ObligationKind::confirm_contact && duty.user_id == person.user_id;
    });
    if (person.contact != Contact::unconfirmed && !asked) continue;
    const auto found = std::ranges::find(*similar, person.user_id, &LookAlikes::user_id);
    const auto look_alikes = found == similar->end() ? std::vector<Person>() : found->people;
    const auto facts = telling_facts(person, look_alikes);
    if (!was_checked(person, facts, confirmed))
      return failed("needs-confirmation", question_about(person, facts, look_alikes));
    newly.push_back(person.user_id);
  }
  for (const std::string& id : newly) {
    if (auto done = api.confirm_contact(id); !done) return std::unexpected(done.error());
  }
  return answers_to(decision->obligations, confirmed.reason);
}

}  // namespace wardline::client
