// How people and messages read on a terminal.
#pragma once

#include "client/cli/output.h"

namespace wardline::cli {

/// Control characters of a message must not steer the terminal of its reader.
std::string harmless(std::string text);

/// "Ruth Cohen, Samuel Price".
std::string names_of(client::Client& client, const std::vector<std::string>& user_ids);

/// One line and one for each of its files, or one object. `saved`: where the files are, if anywhere.
void print(client::Client& client, Output& output, const client::Message& message,
           const std::vector<std::filesystem::path>& saved = {});

}  // namespace wardline::cli
