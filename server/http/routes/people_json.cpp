#include "server/http/routes/people_json.h"

namespace wardline::http {
namespace {

std::string_view word_for(directory::Contact contact) {
  switch (contact) {
    case directory::Contact::self:
      return "self";
    case directory::Contact::confirmed:
      return "confirmed";
    case directory::Contact::unconfirmed:
      return "new";
  }
  return "new";
}

json::object to_json(const directory::CurrentDuty& duty) {
  return {
      {"role_id", http::to_json(duty.role)}, {"name", duty.name}, {"until_at", to_json_or_null(duty.until)}};
}

}  // namespace

json::object to_json(const directory::Service& service) {
  return {{"id", to_json(service.id)}, {"name", service.name}};
}

json::object to_json(const directory::Location& location) {
  return {{"id", to_json(location.id)}, {"name", location.name}};
}

json::object to_json(const directory::PersonView& view) {
  const directory::Person& person = *view.person;
  json::array on_call;
  for (const auto& duty : view.on_call) on_call.push_back(to_json(duty));
  json::object object{
      {"user_id", to_json(person.id)},        {"name", person.name},
      {"role", policy::name_of(person.role)}, {"role_title", person.role_title},
      {"service", to_json(person.service)},   {"location", to_json(person.location)},
      {"on_call", std::move(on_call)},        {"status", person.active ? "active" : "inactive"},
      {"has_device", person.has_device},      {"contact", word_for(view.contact)}};
  // Half of somebody's credentials: shown to themselves alone.
  if (view.contact == directory::Contact::self) object["username"] = person.username;
  return object;
}

json::object to_json(const identity::Device& device) {
  json::object object{{"device_id", to_json(device.id)},
                      {"user_id", to_json(device.user)},
                      {"name", device.name},
                      {"created_at", to_json(device.created_at)},
                      {"last_seen_at", to_json(device.last_seen_at)},
                      {"certificate", to_json(ByteView(device.certificate))}};
  if (device.revoked_at) object["revoked_at"] = to_json(*device.revoked_at);
  return object;
}

json::object to_json(const identity::Factor& factor) {
  return {{"factor_id", to_json(factor.id)},
          {"kind", identity::name_of(factor.kind)},
          {"name", factor.name},
          {"created_at", to_json(factor.created_at)},
          {"last_used_at", to_json_or_null(factor.last_used_at)}};
}

json::object to_json(const clinical::Patient& patient) {
  json::array allergies;
  for (const auto& allergy : patient.allergies) allergies.push_back(json::string(allergy));
  return {{"patient_id", to_json(patient.id)},
          {"family_name", patient.family_name},
          {"given_name", patient.given_name},
          {"birth_date", patient.birth_date},
          {"sex", patient.sex},
          {"mrn", patient.mrn},
          {"location",
           {{"id", to_json(patient.location.id)}, {"name", patient.location.name}, {"bed", patient.bed}}},
          {"service", to_json(patient.service)},
          {"allergies", std::move(allergies)}};
}

}  // namespace wardline::http
