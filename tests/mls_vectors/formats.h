// The formats of the MLS working group's test vectors (RFC 9420), and the check of each. The format of a case
// is told by its fields, never by the name of its file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/mls_vectors/vector_case.h"

namespace wardline::mls_vectors {

using Check = void (*)(const Case&);  ///< Throws Mismatch.

struct Format {
  std::string_view name;
  std::vector<std::string_view>
      marks;  ///< fields that every case of this format has, and no other format has together
  Check check;
};

const std::vector<Format>& formats();
/// nullptr for a case of no known format.
const Format* find_format(const Case& a_case);

struct Failure {
  std::size_t index;  ///< of the case in its file
  std::string why;
};

struct Report {
  std::string format;  ///< of the first case
  std::size_t passed = 0;
  std::vector<Failure> failures;
};

/// Runs every case of a file. A file that cannot be read or is not an array of cases counts as one failure.
Report check_file(const std::filesystem::path& file);

// One function per format; member_*.cpp needs group secrets, public_*.cpp does not.
void check_crypto_basics(const Case& a_case);
void check_key_schedule(const Case& a_case);
void check_message_protection(const Case& a_case);
void check_psk_secret(const Case& a_case);
void check_welcome(const Case& a_case);
void check_passive_client(const Case& a_case);
void check_secret_tree(const Case& a_case);
void check_treekem(const Case& a_case);
void check_tree_math(const Case& a_case);
void check_tree_operations(const Case& a_case);
void check_tree_validation(const Case& a_case);
void check_deserialization(const Case& a_case);
void check_transcript_hashes(const Case& a_case);
void check_messages(const Case& a_case);

}  // namespace wardline::mls_vectors
