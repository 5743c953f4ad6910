// Our own small set of vectors, in the official formats: what a checkout without the official files runs.
#pragma once

#include <filesystem>

namespace wardline::mls_vectors {

/// Writes passive-client.json and message-protection.json, all suites, into `folder`. The values are fresh
/// each time.
void generate(const std::filesystem::path& folder);

}  // namespace wardline::mls_vectors
