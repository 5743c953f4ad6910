// What the arguments of commands mean: which conversation, whom, and words that come from files.
#pragma once

#include "client/cli/output.h"

namespace wardline::cli {

/// All of a file ("-": standard input), without the end of its last line.
client::Outcome<std::string> text_from(const std::string& file);

/// {"mrn", "birth_date", "family_name", "given_name"}: at least two.
client::Outcome<client::PatientIdentifiers> patient_from(const std::string& file);

client::Priority priority_of(const std::string& name);

/// An id, or "@NAME" for the direct conversation with that person.
client::Outcome<std::string> find_conversation(client::Client& client, const std::string& given);

/// Their ids. Says on standard error who they are.
client::Outcome<std::vector<std::string>> find_people(client::Client& client,
                                                      const std::vector<std::string>& names, Output& output);

/// "PERSON=FACT", "cross-service", "reason=WHY".
client::Confirmations confirmations_of(const std::vector<std::string>& given);

}  // namespace wardline::cli
