#include "client/cli/arguments.h"

#include <boost/json/parse.hpp>

#include "client/cli/secret_input.h"

namespace wardline::cli {

namespace json = boost::json;
using namespace client;

namespace {

std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

Outcome<std::string> text_from(const std::string& file) {
  auto text = read_input(file);
  if (!text) return text;
  return without_line_end(std::move(*text));
}

Priority priority_of(const std::string& name) {
  return name == "critical" ? Priority::critical : name == "urgent" ? Priority::urgent : Priority::routine;
}

Outcome<std::string> find_conversation(Client& client, const std::string& given) {
  if (!given.starts_with('@')) {
    const auto view = client.conversation(given);
    if (!view) return std::unexpected(view.error());
    return given;
  }
  const auto person = client.find_person(std::string_view(given).substr(1));
  if (!person) return std::unexpected(person.error());
  const auto found = client.direct_conversation(person->user_id);
  if (!found) return std::unexpected(found.error());
  if (!*found)
    return failed("no-such-conversation", "You have no direct conversation with " + describe(*person) +
                                              " yet. Begin one: wardline start");
  return **found;
}

Outcome<std::vector<std::string>> find_people(Client& client, const std::vector<std::string>& names,
                                              Output& output) {
  std::vector<std::string> ids;
  for (const std::string& name : names) {
    const auto person = client.find_person(name);
    if (!person) return std::unexpected(person.error());
    output.note("To: " + describe(*person));
    ids.push_back(person->user_id);
  }
  return ids;
}

Confirmations confirmations_of(const std::vector<std::string>& given) {
  Confirmations confirmed;
  for (const std::string& each : given) {
    const auto at = each.rfind('=');
    if (each == kConfirmCrossService)
      confirmed.cross_service = true;
    else if (at != std::string::npos && std::string_view(each).substr(0, at) == kConfirmReason)
      confirmed.reason = each.substr(at + 1);
    else if (at != std::string::npos)
      confirmed.people.push_back({each.substr(0, at), each.substr(at + 1)});
  }
  return confirmed;
}

Outcome<PatientIdentifiers> patient_from(const std::string& file) {
  const auto text = read_input(file);
  if (!text) return std::unexpected(text.error());
  boost::system::error_code bad;
  const auto value = json::parse(*text, bad);
  if (bad || !value.is_object())
    return failed("unreadable-file", "The patient's identifiers must be a JSON object.");
  PatientIdentifiers identifiers;
  for (const auto& [name, member] : value.get_object()) {
    auto* to = name == "mrn"           ? &identifiers.mrn
               : name == "birth_date"  ? &identifiers.birth_date
               : name == "family_name" ? &identifiers.family_name
               : name == "given_name"  ? &identifiers.given_name
                                       : nullptr;
    if (!to || !member.is_string())
      return failed("unreadable-file",
                    "A patient is named by mrn, birth_date, family_name and given_name, as text.");
    *to = std::string(member.get_string());
  }
  return identifiers;
}

}  // namespace wardline::cli
