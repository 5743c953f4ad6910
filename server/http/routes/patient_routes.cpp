#include "server/http/routes/patient_routes.h"

#include "server/http/json_reader.h"
#include "server/http/routes/people_json.h"
#include "server/http/routes/session_answer.h"

namespace wardline::http {

using clinical::Patients;
using policy::Action;

namespace {

Result<Response> match(Patients& patients, Context& context) {
  JsonReader body(context.request().body);
  const clinical::Identifiers identifiers{
      .mrn = body.optional_text("mrn", {.least = 1, .most = 64}),
      .birth_date = body.optional_text("birth_date", {.least = 1, .most = 10}),
      .family_name = body.optional_text("family_name", {.least = 1, .most = 200}),
      .given_name = body.optional_text("given_name", {.least = 1, .most = 200})};
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto found = patients.match(requester_of(context), identifiers);
  if (!found) return std::unexpected(found.error());
  json::array matched_on;
  for (const auto name : found->matched_on) matched_on.push_back(json::string(name));
  return json_response({{"patient", to_json(found->patient)},
                        {"matched_on", std::move(matched_on)},
                        {"match_id", found->match_id}});
}

Result<Response> read(Patients& patients, Context& context) {
  const auto id = context.id<core::PatientId>("id");
  if (!id) return std::unexpected(id.error());
  const auto patient = patients.read(requester_of(context), *id);
  if (!patient) return std::unexpected(patient.error());
  return json_response(to_json(*patient));
}

Result<Response> panel(Patients& patients, Context& context) {
  const auto all = patients.panel(requester_of(context));
  if (!all) return std::unexpected(all.error());
  return json_response({{"patients", to_json_array(*all)}});
}

}  // namespace

void add_patient_routes(Router& router, Patients& patients) {
  const auto with = [&patients](Result<Response> (*handler)(Patients&, Context&)) {
    return [&patients, handler](Context& context) { return handler(patients, context); };
  };
  router.add<Action::patient_match>(Method::post, "/v1/patients/match", with(match));
  router.add<Action::patient_list>(Method::get, "/v1/patients", with(panel));
  router.add<Action::patient_read>(Method::get, "/v1/patients/{id}", with(read));
}

}  // namespace wardline::http
