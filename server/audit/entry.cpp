#include "server/audit/entry.h"

#include <array>
#include <charconv>
#include <stdexcept>

#include "server/audit/json_line.h"

namespace wardline::audit {
namespace {

constexpr std::array<std::string_view, 3> kActorNames = {"nobody", "user", "system"};
constexpr std::array<std::string_view, 3> kOutcomeNames = {"done", "denied", "failed"};
constexpr std::array<std::string_view, 7> kFactNames = {"count",          "bytes",    "sequence", "epoch",
                                                        "policy-version", "attempts", "seconds"};

template <class Enum, std::size_t N>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

template <class Enum, std::size_t N>
std::optional<Enum> find_in(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto* found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

Entry fresh(Actor actor, Act act, Outcome outcome, core::Time at) {
  Entry entry{
      .id = core::new_id<core::AuditEntryId>(), .at = at, .actor = actor, .act = act, .outcome = outcome};
  return entry;
}

void write_actor(LineWriter& out, const Actor& actor) {
  out.open("who", '{');
  out.text("kind", name_in(kActorNames, actor.kind));
  if (actor.kind == Actor::Kind::user) out.uuid("id", actor.user.view());
  if (actor.role) out.text("role", policy::name_of(*actor.role));
  out.close('}');
}

void write_objects(LineWriter& out, const std::vector<Object>& objects) {
  if (objects.empty()) return;
  out.open("on", '[');
  for (const Object& object : objects) {
    out.open({}, '{');
    out.text("kind", name_of(object.kind()));
    out.uuid("id", object.id());
    if (object.number()) out.number("n", *object.number());
    out.close('}');
  }
  out.close(']');
}

/// Reads what `write_actor` wrote. `decode` compares with what `encode` would write, so that order and
/// presence of the members need no check of their own; each reader only has to find what it needs.
bool read_actor(LineReader& in, Actor& actor) {
  if (!in.open("who", '{')) return false;
  const auto kind = find_in<Actor::Kind>(kActorNames, in.text("kind"));
  if (!kind) return false;
  actor.kind = *kind;
  if (actor.kind == Actor::Kind::user) actor.user = in.id<core::UserId>("id");
  if (in.has("role")) {
    actor.role = policy::find_role(in.text("role"));
    if (!actor.role) return false;
  }
  return in.close('}');
}

bool read_objects(LineReader& in, std::vector<Object>& objects) {
  if (!in.has("on")) return true;
  if (!in.open("on", '[')) return false;
  while (in.ok() && !in.at(']')) {
    if (!in.open({}, '{')) return false;
    const auto kind = find_object_kind(in.text("kind"));
    const auto id = in.id<core::Id<void>>("id");
    std::optional<std::uint64_t> number;
    if (in.has("n")) number = in.number<std::uint64_t>("n");
    if (!kind || !in.close('}')) return false;
    const auto object = Object::from_parts(*kind, id.view(), number);
    if (!object) return false;
    objects.push_back(*object);
  }
  return in.close(']');
}

bool read_codes(LineReader& in, Entry& entry) {
  for (const auto& [name, target] : {std::pair{"why", &entry.reason}, std::pair{"rule", &entry.rule}}) {
    if (!in.has(name)) continue;
    *target = Code::parse(in.text(name));
    if (!*target) return false;
  }
  return true;
}

bool read_where(LineReader& in, Entry& entry) {
  if (in.has("session")) entry.session = in.id<core::SessionId>("session");
  if (in.has("device")) entry.device = in.id<core::DeviceId>("device");
  if (!in.has("where")) return true;
  in.text("where");  // Follows from the network.
  entry.network = Network::parse(in.text("network"));
  return entry.network.has_value();
}

bool read_lists(LineReader& in, Entry& entry) {
  if (in.has("patient")) {
    entry.patient = PatientReference::from_bytes(from_hex(in.text("patient")).value_or(Bytes{}));
    if (!entry.patient) return false;
  }
  if (in.has("to")) {
    if (!in.open("to", '[')) return false;
    while (in.ok() && !in.at(']')) entry.recipients.push_back(in.id<core::UserId>({}));
    if (!in.close(']')) return false;
  }
  if (in.has("facts")) {
    if (!in.open("facts", '{')) return false;
    while (in.ok() && !in.at('}')) {
      const auto name = find_in<Fact::Name>(kFactNames, in.next_name());
      if (!name) return false;
      entry.facts.push_back({*name, in.number<std::int64_t>(name_in(kFactNames, *name))});
    }
    if (!in.close('}')) return false;
  }
  return true;
}

}  // namespace

Entry Entry::by(const policy::Subject& subject, Act act, Outcome outcome, core::Time at) {
  Entry entry = fresh(Actor::of(subject.user, subject.role), act, outcome, at);
  entry.session = subject.session;
  entry.device = subject.device;
  return entry;
}

Entry Entry::by_system(SystemAct act, Outcome outcome, core::Time at) {
  return fresh(Actor::system(), act, outcome, at);
}

Entry Entry::by_nobody(Act act, Outcome outcome, core::Time at) {
  return fresh(Actor::nobody(), act, outcome, at);
}

std::string encode(const Entry& entry) {
  if (entry.objects.size() > kMostListed || entry.recipients.size() > kMostListed ||
      entry.facts.size() > kMostListed) {
    throw std::length_error("audit entry lists too much: write several entries");
  }
  LineWriter out;
  out.open({}, '{');
  out.number("v", 1);
  out.uuid("id", entry.id.view());
  out.number("at", entry.at.microseconds);
  write_actor(out, entry.actor);
  out.text("what", entry.act.name());
  out.text("outcome", name_in(kOutcomeNames, entry.outcome));
  if (entry.reason) out.text("why", entry.reason->view());
  if (entry.rule) out.text("rule", entry.rule->view());
  if (entry.session) out.uuid("session", entry.session->view());
  if (entry.device) out.uuid("device", entry.device->view());
  if (entry.network) {
    out.text("where", name_of(entry.network->network_class()));
    out.text("network", entry.network->to_text());
  }
  write_objects(out, entry.objects);
  if (entry.patient) out.text("patient", to_hex(entry.patient->view()));
  if (!entry.recipients.empty()) {
    out.open("to", '[');
    for (const core::UserId& user : entry.recipients) out.uuid({}, user.view());
    out.close(']');
  }
  if (!entry.facts.empty()) {
    out.open("facts", '{');
    for (const Fact& fact : entry.facts) out.number(name_in(kFactNames, fact.name), fact.value);
    out.close('}');
  }
  out.close('}');
  return out.take();
}

std::optional<Entry> decode(std::string_view text) {
  LineReader in(text);
  Entry entry;
  in.open({}, '{');
  in.number<int>("v");
  entry.id = in.id<core::AuditEntryId>("id");
  entry.at = {in.number<std::int64_t>("at")};
  if (!read_actor(in, entry.actor)) return std::nullopt;
  const auto act = Act::find(in.text("what"));
  const auto outcome = find_in<Outcome>(kOutcomeNames, in.text("outcome"));
  if (!act || !outcome) return std::nullopt;
  entry.act = *act;
  entry.outcome = *outcome;
  if (!read_codes(in, entry) || !read_where(in, entry) || !read_objects(in, entry.objects))
    return std::nullopt;
  if (!read_lists(in, entry) || !in.close('}')) return std::nullopt;
  if (entry.objects.size() > kMostListed || entry.recipients.size() > kMostListed) return std::nullopt;
  // One spelling per entry: members in another order, twice, or spelled otherwise do not survive this.
  if (entry.facts.size() > kMostListed || encode(entry) != text) return std::nullopt;
  return entry;
}

}  // namespace wardline::audit
