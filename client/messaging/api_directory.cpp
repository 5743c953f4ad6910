// Calls about people and patients, and whether they may be written to.
#include "client/messaging/api_answer.h"

namespace wardline::client {
namespace {

Place read_place(Fields f) { return {f.text("id"), f.text("name")}; }

Person read_person(Fields f) {
  Person person{.user_id = f.id("user_id"),
                .name = f.text("name"),
                .role = f.text("role"),
                .role_title = f.text("role_title"),
                .service = read_place(f.object("service")),
                .location = read_place(f.object("location")),
                .on_call = {},
                .active = f.choice("status", {"active", "inactive"}) == 0,
                .has_device = f.truth("has_device"),
                .contact = static_cast<Contact>(f.choice("contact", {"confirmed", "new", "self"}))};
  for (const Fields& duty : f.objects("on_call")) person.on_call.push_back(duty.text("name"));
  return person;
}

std::vector<Person> read_people(const std::vector<Fields>& all) {
  std::vector<Person> people;
  people.reserve(all.size());
  for (const Fields& each : all) people.push_back(read_person(each));
  return people;
}

}  // namespace

Outcome<std::vector<Person>> Api::search_people(const PeopleQuery& query) {
  json::object body{{"query", query.text}};
  if (query.role) body["role"] = *query.role;
  if (query.on_call) body["on_call"] = true;
  std::vector<Person> people;
  for (;;) {
    auto page = read(post("/v1/directory/search", body), [](Fields f) {
      return std::pair(read_people(f.objects("people")), f.optional_text("next_cursor"));
    });
    if (!page) return std::unexpected(page.error());
    std::ranges::move(page->first, std::back_inserter(people));
    constexpr std::size_t kMost = 1000;
    if (!page->second || page->first.empty() || people.size() >= kMost) return people;
    body["cursor"] = *page->second;
  }
}

Outcome<Person> Api::person(const std::string& user_id) {
  return read(call("GET", "/v1/directory/people/" + user_id), read_person);
}

Outcome<std::vector<LookAlikes>> Api::similar_people(const std::vector<std::string>& user_ids) {
  return read(post("/v1/directory/similar", {{"user_ids", texts(user_ids)}}), [](Fields f) {
    std::vector<LookAlikes> all;
    for (const Fields& each : f.objects("similar"))
      all.push_back({each.id("user_id"), read_people(each.objects("look_alikes"))});
    return all;
  });
}

Outcome<void> Api::confirm_contact(const std::string& user_id) {
  return done(post("/v1/contacts/" + user_id + "/confirm", {}));
}

Outcome<MatchedPatient> Api::match_patient(const PatientIdentifiers& identifiers) {
  json::object body;
  if (identifiers.mrn) body["mrn"] = *identifiers.mrn;
  if (identifiers.birth_date) body["birth_date"] = *identifiers.birth_date;
  if (identifiers.family_name) body["family_name"] = *identifiers.family_name;
  if (identifiers.given_name) body["given_name"] = *identifiers.given_name;
  return read(post("/v1/patients/match", body), [](Fields f) {
    const Fields patient = f.object("patient");
    return MatchedPatient{{patient.id("patient_id"), patient.text("family_name"), patient.text("given_name"),
                           patient.text("birth_date"), patient.text("mrn")},
                          f.texts("matched_on"),
                          f.text("match_id")};
  });
}

Outcome<SendDecision> Api::send_decision(const std::vector<std::string>& user_ids,
                                         const std::optional<std::string>& patient_id, Priority priority) {
  json::object body{{"user_ids", texts(user_ids)}, {"priority", name_of(priority)}};
  if (patient_id) body["patient_id"] = *patient_id;
  return read(post("/v1/send-decision", body), [](Fields f) {
    SendDecision decision{
        .permit = f.truth("permit"), .obligations = {}, .denied_code = {}, .denied_text = {}};
    for (const Fields& each : f.objects("obligations")) {
      // One that this program does not know cannot be answered either: then nothing of the answer is
      // believed.
      const auto kind = each.choice("kind", {"confirm_contact", "confirm_cross_service", "reason"});
      decision.obligations.push_back(
          {static_cast<ObligationKind>(kind), each.optional_id("user_id"), each.text("text")});
    }
    if (f.has("denied")) {
      decision.denied_code = f.object("denied").text("code");
      decision.denied_text = f.object("denied").text("text");
    }
    return decision;
  });
}

}  // namespace wardline::client
