#include "server/policy/decide.h"

#include <algorithm>

namespace wardline::policy {
namespace {

bool shares_service(const Subject& subject, const Recipient& recipient) {
  return std::ranges::any_of(subject.service_lines, [&](const core::ServiceLineId& line) {
    return std::ranges::find(recipient.service_lines, line) != recipient.service_lines.end();
  });
}

bool holds(Condition condition, const Subject& subject, const Resource& resource) {
  const auto& recipient = resource.recipient;
  switch (condition) {
    case Condition::always:
      return true;
    case Condition::own:
      return resource.owner == subject.user;
    case Condition::not_own:
      return resource.owner.has_value() && resource.owner != subject.user;
    case Condition::member:
      return resource.member;
    case Condition::care_team:
      return resource.care_team;
    case Condition::patient_conversation:
      return resource.patient_conversation;
    case Condition::contractor:
      return subject.employment == Employment::contractor;
    case Condition::recipient_inactive:
      return recipient && !recipient->active;
    case Condition::recipient_new:
      return recipient && recipient->user != subject.user && !recipient->contact_confirmed;
    case Condition::recipient_other_service:
      return recipient && recipient->user != subject.user && !shares_service(subject, *recipient);
    case Condition::recipient_outside_care:
      return recipient && recipient->user != subject.user && !recipient->on_care_team;
  }
  return false;
}

bool concerns(const Rule& rule, const Subject& subject, Action action) {
  return rule.actions.contains(action) && rule.roles.contains(subject.role);
}

std::string_view stage_words(Stage stage) {
  switch (stage) {
    case Stage::none:
      return "nobody signed in";
    case Stage::signed_in:
      return "signed in, at no registered device";
    case Stage::device_bound:
      return "signed in at a registered device";
  }
  return "nobody signed in";
}

std::string_view verb_of(Effect effect) {
  switch (effect) {
    case Effect::permit:
      return "permits";
    case Effect::deny:
      return "forbids";
    case Effect::oblige:
      return "adds a duty";
  }
  return "permits";
}

}  // namespace

Decision decide(const Policy& policy, const Subject& subject, Action action, const Resource& resource) {
  Decision decision;
  decision.policy_version = policy.version;
  if (subject.stage < info_of(action).stage) {
    decision.code = "stage-too-low";
    return decision;
  }
  for (const Rule& rule : policy.rules) {
    if (!concerns(rule, subject, action) || !holds(rule.condition, subject, resource)) continue;
    if (rule.effect == Effect::deny) {
      return {.outcome = Outcome::deny,
              .code = "forbidden",
              .rule = rule.id,
              .obligations = {},
              .policy_version = policy.version};
    }
    if (rule.effect == Effect::permit && !decision.permitted()) {
      decision.outcome = Outcome::permit;
      decision.code = "permitted";
      decision.rule = rule.id;
    }
    if (rule.effect == Effect::oblige) {
      const auto about = resource.recipient ? std::optional(resource.recipient->user) : std::nullopt;
      decision.obligations.push_back({rule.obligation, about, rule.id, rule.because});
    }
  }
  if (!decision.permitted()) decision.obligations.clear();
  return decision;
}

std::string explain(const Policy& policy, const Subject& subject, Action action, const Resource& resource) {
  const Decision decision = decide(policy, subject, action, resource);
  const ActionInfo& info = info_of(action);
  std::string text = "A " + std::string(words_of(subject.role)) +
                     (decision.permitted() ? " may " : " may not ") + std::string(info.words) +
                     " here (policy version " + std::to_string(policy.version) + ").\n";
  if (decision.code == "stage-too-low") {
    return text + "The session is: " + std::string(stage_words(subject.stage)) +
           ". Needed: " + std::string(stage_words(info.stage)) + ".\n";
  }
  bool spoke = false;
  for (const Rule& rule : policy.rules) {
    if (!concerns(rule, subject, action)) continue;
    spoke = true;
    const bool applies = holds(rule.condition, subject, resource);
    text += "Rule " + std::string(rule.id) + (applies ? " applies and " : " does not apply; it ") +
            std::string(verb_of(rule.effect)) + (rule.condition == Condition::always ? " " : " if ") +
            std::string(words_of(rule.condition)) + ": " + std::string(rule.because) + "\n";
  }
  if (!spoke) text += "No rule speaks about it, and what no rule permits is denied.\n";
  return text;
}

Decision may_attempt(const Policy& policy, const Subject& subject, Action action) {
  Decision decision;
  decision.policy_version = policy.version;
  if (subject.stage < info_of(action).stage) {
    decision.code = "stage-too-low";
    return decision;
  }
  for (const Rule& rule : policy.rules) {
    if (!concerns(rule, subject, action)) continue;
    if (rule.effect == Effect::deny && holds(rule.condition, subject, {})) {
      return {.outcome = Outcome::deny,
              .code = "forbidden",
              .rule = rule.id,
              .obligations = {},
              .policy_version = policy.version};
    }
    if (rule.effect == Effect::permit && !decision.permitted()) {
      decision.outcome = Outcome::permit;
      decision.code = "permitted";
      decision.rule = rule.id;
    }
  }
  return decision;
}

std::vector<Action> permissions_of(const Policy& policy, const Subject& subject) {
  std::vector<Action> actions;
  for (const ActionInfo& info : all_actions()) {
    if (may_attempt(policy, subject, info.action).permitted()) actions.push_back(info.action);
  }
  return actions;
}

core::Error denial(const Decision& decision, Action action) {
  if (decision.code == "stage-too-low") {
    const bool device_missing = info_of(action).stage == Stage::device_bound;
    return {core::ErrorKind::unauthenticated,
            device_missing ? "device-needed" : "sign-in-needed",
            device_missing ? "Register this device, or prove that it is registered, and try again."
                           : "Sign in and try again.",
            {}};
  }
  return {core::ErrorKind::denied,
          "not-permitted",
          "Policy does not permit this. An administrator can explain why and change it.",
          {}};
}

}  // namespace wardline::policy
