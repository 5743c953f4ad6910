// RFC 9420 §8.2 (transcript hashes), §2.1.2 (vector headers), and that every structure of §6, §10 and §12
// decodes and encodes back to its bytes.
#include "lib/crypto/hash.h"
#include "lib/mls/member/group_secrets.h"
#include "lib/mls/public/decode.h"
#include "lib/mls/public/labels.h"
#include "tests/mls_vectors/formats.h"

namespace wardline::mls_vectors {
namespace {

using namespace mls;

template <class T>
T expect_round_trip(std::string_view what, ByteView wire) {
  T value = require(what, tls::decode<T>(wire));
  expect_equal(what, tls::encode(value), wire);
  return value;
}

void expect_message(const Case& a_case, std::string_view field, WireFormat format) {
  const auto message = expect_round_trip<MlsMessage>(field, a_case.bytes(field));
  expect(field, message.wire_format() == format);
}

// The fields of these hold the proposal's content without its type.
template <class T>
void expect_content(const Case& a_case, std::string_view field) {
  expect_round_trip<T>(field, a_case.bytes(field));
}

}  // namespace

void check_deserialization(const Case& a_case) {
  const Bytes header = a_case.bytes("vlbytes_header");
  tls::Reader reader(header);
  expect_equal("length", reader.length(), a_case.number("length"));
  expect("the header is read without error", reader.ok() && reader.at_end());
}

void check_messages(const Case& a_case) {
  expect_message(a_case, "mls_welcome", WireFormat::welcome);
  expect_message(a_case, "mls_group_info", WireFormat::group_info);
  expect_message(a_case, "mls_key_package", WireFormat::key_package);
  expect_message(a_case, "public_message_application", WireFormat::public_message);
  expect_message(a_case, "public_message_proposal", WireFormat::public_message);
  expect_message(a_case, "public_message_commit", WireFormat::public_message);
  expect_message(a_case, "private_message", WireFormat::private_message);
  expect_content<RatchetTreeWire>(a_case, "ratchet_tree");
  expect_content<GroupSecrets>(a_case, "group_secrets");
  expect_content<Add>(a_case, "add_proposal");
  expect_content<Update>(a_case, "update_proposal");
  expect_content<Remove>(a_case, "remove_proposal");
  expect_content<PreSharedKey>(a_case, "pre_shared_key_proposal");
  expect_content<ReInit>(a_case, "re_init_proposal");
  expect_content<ExternalInit>(a_case, "external_init_proposal");
  expect_content<GroupContextExtensions>(a_case, "group_context_extensions_proposal");
  expect_content<Commit>(a_case, "commit");
}

void check_transcript_hashes(const Case& a_case) {
  const Suite& suite = a_case.suite();
  const auto content =
      expect_round_trip<AuthenticatedContent>("authenticated_content", a_case.bytes("authenticated_content"));
  expect("it holds a commit", content.content.content_type() == ContentType::commit);
  const Bytes confirmed =
      confirmed_transcript_hash(suite, a_case.bytes("interim_transcript_hash_before"), content);
  expect_equal("confirmed_transcript_hash_after", confirmed, a_case.bytes("confirmed_transcript_hash_after"));
  const Bytes tag = crypto::hmac(suite.hash, a_case.bytes("confirmation_key"), confirmed);
  expect_equal("confirmation tag", content.auth.confirmation_tag.value(), tag);
  expect_equal("interim_transcript_hash_after", interim_transcript_hash(suite, confirmed, tag),
               a_case.bytes("interim_transcript_hash_after"));
}

}  // namespace wardline::mls_vectors
