#include "tests/mls_vectors/formats.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace wardline::mls_vectors {

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"crypto-basics", {"ref_hash", "expand_with_label"}, check_crypto_basics},
      {"key-schedule", {"initial_init_secret", "epochs"}, check_key_schedule},
      {"message-protection", {"membership_key", "proposal_priv"}, check_message_protection},
      {"psk_secret", {"psks", "psk_secret"}, check_psk_secret},
      {"welcome", {"signer_pub", "welcome"}, check_welcome},
      {"treekem", {"leaves_private", "update_paths"}, check_treekem},
      {"passive-client", {"initial_epoch_authenticator", "init_priv"}, check_passive_client},
      {"secret-tree", {"sender_data", "leaves"}, check_secret_tree},
      {"tree-math", {"n_leaves", "sibling"}, check_tree_math},
      {"tree-operations", {"tree_before", "tree_after"}, check_tree_operations},
      {"tree-validation", {"tree", "resolutions"}, check_tree_validation},
      {"deserialization", {"vlbytes_header"}, check_deserialization},
      {"transcript-hashes", {"confirmation_key", "authenticated_content"}, check_transcript_hashes},
      {"messages", {"ratchet_tree", "group_secrets", "add_proposal"}, check_messages},
  };
  return all;
}

const Format* find_format(const Case& a_case) {
  for (const Format& format : formats()) {
    if (std::ranges::all_of(format.marks, [&](std::string_view mark) { return a_case.has(mark); }))
      return &format;
  }
  return nullptr;
}

namespace {

void check_one(const boost::json::value& value, Report& report, std::size_t index) {
  try {
    if (!value.is_object()) throw Mismatch("not an object");
    const Case a_case(value.get_object());
    const Format* format = find_format(a_case);
    if (!format) throw Mismatch("no known format has these fields");
    if (report.format.empty()) report.format = format->name;
    format->check(a_case);
    ++report.passed;
  } catch (const std::exception& failure) {
    report.failures.push_back({index, failure.what()});
  }
}

}  // namespace

Report check_file(const std::filesystem::path& file) {
  Report report;
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(text, error);
  if (!in || error || !parsed.is_array()) {
    report.failures.push_back({0, "cannot be read as a JSON array"});
    return report;
  }
  std::size_t index = 0;
  for (const auto& value : parsed.get_array()) check_one(value, report, index++);
  return report;
}

}  // namespace wardline::mls_vectors
