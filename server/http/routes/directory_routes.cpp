#include "server/http/routes/directory_routes.h"

#include <charconv>

#include "server/http/json_reader.h"
#include "server/http/routes/people_json.h"
#include "server/http/routes/session_answer.h"

namespace wardline::http {

using directory::Directory;
using policy::Action;
using policy::Role;

namespace {

constexpr std::size_t kSimilarMost = 100;

json::object to_json(const directory::RotaLine& line) {
  return {{"role_id", http::to_json(line.role.id)},      {"name", line.role.name},
          {"service", http::to_json(line.role.service)}, {"now", to_json_or_null(line.now)},
          {"until_at", to_json_or_null(line.until)},     {"next", to_json_or_null(line.next)}};
}

/// A cursor is the number of people before the page: the index is small, and its order stable.
Result<std::size_t> offset_of(const std::optional<std::string>& cursor) {
  std::size_t offset = 0;
  if (!cursor) return offset;
  const auto [end, error] = std::from_chars(cursor->data(), cursor->data() + cursor->size(), offset);
  if (error == std::errc() && end == cursor->data() + cursor->size()) return offset;
  return fail(ErrorKind::invalid, "invalid-field", "\"cursor\" is not one that this server gave.");
}

Result<Response> search(Directory& directory, Context& context) {
  JsonReader body(context.request().body);
  directory::SearchRequest request;
  request.text = body.optional_text("query", {.least = 0, .most = 200}).value_or("");
  request.role = body.optional_choice<Role>("role", {{"clinician", Role::clinician},
                                                     {"resident", Role::resident},
                                                     {"charge_nurse", Role::charge_nurse},
                                                     {"nurse", Role::nurse},
                                                     {"privacy_officer", Role::privacy_officer},
                                                     {"admin", Role::admin}});
  request.service = body.optional_id<core::ServiceLineId>("service_id");
  request.location = body.optional_id<core::LocationId>("location_id");
  request.on_call = body.optional_boolean("on_call").value_or(false);
  const auto cursor = body.optional_text("cursor", {.least = 1, .most = 20});
  const auto limit = body.optional_integer("limit", 1, static_cast<std::int64_t>(Directory::kSearchMost));
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto offset = offset_of(cursor);
  if (!offset) return std::unexpected(offset.error());
  request.offset = *offset;
  if (limit) request.limit = static_cast<std::size_t>(*limit);
  const auto answer = directory.search(requester_of(context), request);
  if (!answer) return std::unexpected(answer.error());
  json::object object{{"people", to_json_array(answer->people)}};
  if (answer->next_offset) object["next_cursor"] = std::to_string(*answer->next_offset);
  return json_response(object);
}

Result<Response> person(Directory& directory, Context& context) {
  const auto id = context.id<core::UserId>("id");
  if (!id) return std::unexpected(id.error());
  const auto view = directory.person(requester_of(context), *id);
  if (!view) return std::unexpected(view.error());
  return json_response(http::to_json(*view));
}

Result<Response> services(Directory& directory, Context& context) {
  const auto all = directory.services(requester_of(context));
  if (!all) return std::unexpected(all.error());
  return json_response({{"services", to_json_array(*all)}});
}

Result<Response> locations(Directory& directory, Context& context) {
  const auto all = directory.locations(requester_of(context));
  if (!all) return std::unexpected(all.error());
  return json_response({{"locations", to_json_array(*all)}});
}

Result<Response> on_call(Directory& directory, Context& context) {
  const auto rota = directory.rota(requester_of(context));
  if (!rota) return std::unexpected(rota.error());
  json::array roles;
  for (const auto& line : *rota) roles.push_back(to_json(line));
  return json_response({{"roles", std::move(roles)}});
}

Result<Response> confirm(Directory& directory, Context& context) {
  JsonReader body(context.request().body);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto id = context.id<core::UserId>("user_id");
  if (!id) return std::unexpected(id.error());
  const auto confirmed = directory.confirm_contact(requester_of(context), *id);
  if (!confirmed) return std::unexpected(confirmed.error());
  return no_content();
}

Result<Response> similar(Directory& directory, Context& context) {
  JsonReader body(context.request().body);
  const auto users = body.ids<core::UserId>("user_ids", kSimilarMost);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto found = directory.similar(requester_of(context), users);
  if (!found) return std::unexpected(found.error());
  json::array all;
  for (const auto& one : *found) {
    all.push_back(
        json::object{{"user_id", http::to_json(one.user)}, {"look_alikes", to_json_array(one.look_alikes)}});
  }
  return json_response({{"similar", std::move(all)}});
}

}  // namespace

void add_directory_routes(Router& router, Directory& directory) {
  const auto with = [&directory](Result<Response> (*handler)(Directory&, Context&)) {
    return [&directory, handler](Context& context) { return handler(directory, context); };
  };
  router.add<Action::directory_read>(Method::post, "/v1/directory/search", with(search));
  router.add<Action::directory_read>(Method::get, "/v1/directory/people/{id}", with(person));
  router.add<Action::directory_read>(Method::get, "/v1/directory/services", with(services));
  router.add<Action::directory_read>(Method::get, "/v1/directory/locations", with(locations));
  router.add<Action::directory_read>(Method::post, "/v1/directory/similar", with(similar));
  router.add<Action::on_call_read>(Method::get, "/v1/on-call", with(on_call));
  router.add<Action::contact_confirm>(Method::post, "/v1/contacts/{user_id}/confirm", with(confirm));
}

}  // namespace wardline::http
