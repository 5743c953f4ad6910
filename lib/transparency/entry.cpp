#include "lib/transparency/entry.h"

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"

namespace wardline::transparency {
namespace {

constexpr std::size_t kIdSize = 36;
constexpr std::string_view kDevice = R"({"v":1,"id":")";
constexpr std::string_view kUser = R"(","user":")";
constexpr std::string_view kCertificate = R"(","certificate":")";
constexpr std::string_view kEnd = R"("})";

/// Takes `expected` off the front.
bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

std::optional<std::string> take_id(std::string_view& text) {
  const std::string_view id = text.substr(0, kIdSize);
  if (!is_uuid(id)) return std::nullopt;
  text.remove_prefix(kIdSize);
  return std::string(id);
}

}  // namespace

CertificateHash hash_of_certificate(ByteView der) {
  CertificateHash hash;
  crypto::hash_into(crypto::HashAlgorithm::sha256, {der}, hash);
  return hash;
}

std::string encode_entry(const IssuedCertificate& issued) {
  std::string entry(kDevice);
  entry += issued.device_id;
  entry += kUser;
  entry += issued.user_id;
  entry += kCertificate;
  entry += to_hex(issued.certificate);
  entry += kEnd;
  return entry;
}

std::optional<IssuedCertificate> parse_entry(std::string_view entry) {
  const std::string_view whole = entry;
  if (!take(entry, kDevice)) return std::nullopt;
  auto device = take_id(entry);
  if (!device || !take(entry, kUser)) return std::nullopt;
  auto user = take_id(entry);
  if (!user || !take(entry, kCertificate) || !entry.ends_with(kEnd)) return std::nullopt;
  auto certificate = from_hex(entry.substr(0, entry.size() - kEnd.size()));
  if (!certificate) return std::nullopt;
  IssuedCertificate issued{std::move(*user), std::move(*device), std::move(*certificate)};
  if (encode_entry(issued) != whole) return std::nullopt;  // Upper-case digits are a second spelling.
  return issued;
}

}  // namespace wardline::transparency
