#include "lib/crypto/x509/fields.h"

#include <array>

#include "lib/bytes/text.h"
#include "lib/crypto/x509/der_reader.h"

namespace wardline::crypto {
namespace {

using der::Reader;
using der::Tag;

bool is_oid(ByteView content, std::initializer_list<std::uint8_t> oid) {
  return std::ranges::equal(content, oid);
}

/// RFC 5758 §3.2 and RFC 8410 §3; all without parameters.
std::optional<SignatureAlgorithm> signature_algorithm_of(ByteView identifier) {
  Reader in(identifier);
  const ByteView oid = in.take_object_identifier();
  if (!in.at_end()) return std::nullopt;
  if (is_oid(oid, {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2})) return SignatureAlgorithm::ecdsa_p256_sha256;
  if (is_oid(oid, {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3})) return SignatureAlgorithm::ecdsa_p384_sha384;
  if (is_oid(oid, {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4})) return SignatureAlgorithm::ecdsa_p521_sha512;
  if (is_oid(oid, {0x2b, 0x65, 0x70})) return SignatureAlgorithm::ed25519;
  if (is_oid(oid, {0x2b, 0x65, 0x71})) return SignatureAlgorithm::ed448;
  return std::nullopt;
}

/// RFC 5480 §2.1.1: named curves only. RFC 8410 §3.
std::optional<SignatureAlgorithm> key_algorithm_of(ByteView identifier) {
  Reader in(identifier);
  if (!is_oid(in.take_object_identifier(), {0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1})) {
    const auto edwards = signature_algorithm_of(identifier);
    const bool is_edwards = edwards == SignatureAlgorithm::ed25519 || edwards == SignatureAlgorithm::ed448;
    return is_edwards ? edwards : std::nullopt;
  }
  const ByteView curve = in.take_object_identifier();
  if (!in.at_end()) return std::nullopt;
  if (is_oid(curve, {0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7})) return SignatureAlgorithm::ecdsa_p256_sha256;
  if (is_oid(curve, {0x2b, 0x81, 0x04, 0x00, 0x22})) return SignatureAlgorithm::ecdsa_p384_sha384;
  if (is_oid(curve, {0x2b, 0x81, 0x04, 0x00, 0x23})) return SignatureAlgorithm::ecdsa_p521_sha512;
  return std::nullopt;
}

/// RFC 5280 §4.1.1.2 AlgorithmIdentifier, of whatever algorithm.
bool is_algorithm(ByteView identifier) {
  Reader in(identifier);
  const bool is_elliptic = is_oid(in.take_object_identifier(), {0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1});
  if (is_elliptic || in.next_is(Tag::object_identifier)) {
    in.take_object_identifier();  // A named curve.
  } else if (in.ok() && !in.at_end()) {
    in.take_any();
  }
  return in.at_end();
}

std::string dotted(ByteView oid) {
  std::string text;
  std::uint64_t arc = 0;
  for (const std::uint8_t octet : oid) {
    arc = arc << 7 | (octet & 0x7f);
    if ((octet & 0x80) != 0) continue;
    if (text.empty()) {
      const std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
      text = std::to_string(first) + '.' + std::to_string(arc - 40 * first);
    } else {
      text += '.' + std::to_string(arc);
    }
    arc = 0;
  }
  return text;
}

/// RFC 4514 §3: the short names that everybody knows.
std::string attribute_name(ByteView oid) {
  struct Known {
    std::array<std::uint8_t, 3> oid;
    const char* name;
  };
  static constexpr Known kKnown[] = {{{0x55, 4, 3}, "CN"}, {{0x55, 4, 6}, "C"},  {{0x55, 4, 7}, "L"},
                                     {{0x55, 4, 8}, "ST"}, {{0x55, 4, 10}, "O"}, {{0x55, 4, 11}, "OU"}};
  for (const Known& known : kKnown) {
    if (std::ranges::equal(oid, known.oid)) return known.name;
  }
  return dotted(oid);
}

/// RFC 4514 §2.4.
std::string escaped(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool at_edge = i == 0 || i + 1 == value.size();
    const bool special = std::string_view(",+\"\\<>;").find(c) != std::string_view::npos ||
                         (c == '#' && i == 0) || (c == ' ' && at_edge);
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      const auto byte = static_cast<std::uint8_t>(c);
      text += '\\' + to_hex({&byte, 1});
      continue;
    }
    if (special) text += '\\';
    text += c;
  }
  return text;
}

bool is_text(const Reader::Element& value) {
  if (value.tag == Tag::utf8_string) return der::is_utf8(value.content);
  const auto is_ascii = [](std::uint8_t c) { return c < 0x80; };
  return (value.tag == Tag::printable_string || value.tag == Tag::ia5_string) &&
         std::ranges::all_of(value.content, is_ascii);
}

/// RFC 5280 §4.1.2.4. Fails the reader for values other than the strings that are in use.
NameFields read_name(Reader& in) {
  const Reader::Element name = in.take_whole(Tag::sequence);
  NameFields fields{.der = to_bytes(name.whole), .text = {}, .common_name = {}};
  Reader parts(name.content);
  while (parts.ok() && !parts.at_end()) {
    Reader attributes(parts.take(Tag::set));
    std::string part;
    while (attributes.ok() && !attributes.at_end()) {
      Reader attribute(attributes.take(Tag::sequence));
      const ByteView type = attribute.take_object_identifier();
      const Reader::Element value = attribute.take_any();
      const bool is_common_name = is_oid(type, {0x55, 4, 3});
      if (!attribute.at_end() || !is_text(value)) return in.fail(), fields;
      if (is_common_name) fields.common_name = as_text(value.content);
      if (!part.empty()) part += '+';
      part += attribute_name(type) + '=' + escaped(as_text(value.content));
    }
    if (!attributes.ok() || part.empty()) return in.fail(), fields;
    fields.text = fields.text.empty() ? part : part + ',' + fields.text;
  }
  if (!parts.ok()) in.fail();
  return fields;
}

/// RFC 5280 §4.2.1.6. A URI that is not printable ASCII is refused: a NUL inside would let two readers see
/// two different ids.
bool read_alternative_names(ByteView value, CertificateFields& fields) {
  Reader outer(value);
  Reader names(outer.take(Tag::sequence));
  if (!outer.at_end() || names.at_end()) return false;
  while (names.ok() && !names.at_end()) {
    const Reader::Element name = names.take_any();
    // Electronic mail, DNS name, URI, IP address; others have no place in our certificates.
    const bool is_known = name.tag == der::primitive_context(1) || name.tag == der::primitive_context(2) ||
                          name.tag == der::primitive_context(6) || name.tag == der::primitive_context(7);
    if (!is_known) return false;
    if (name.tag != der::primitive_context(6)) continue;
    const auto printable = [](std::uint8_t c) { return c > 0x20 && c < 0x7f; };
    if (!std::ranges::all_of(name.content, printable)) return false;
    fields.uris.push_back(as_text(name.content));
  }
  return names.ok();
}

/// RFC 5280 §4.2.1.9.
bool read_basic_constraints(ByteView value, CertificateFields& fields) {
  Reader outer(value);
  Reader in(outer.take(Tag::sequence));
  if (in.next_is(Tag::boolean)) {
    fields.is_authority = in.take_boolean();
    if (!fields.is_authority) return false;  // X.690 §11.5: a default is left out.
  }
  // Nothing stands between an authority and what it signs for us: the path length is 0, or not limited.
  if (in.next_is(Tag::integer) && !is_oid(in.take(Tag::integer), {0})) return false;
  return in.at_end() && outer.at_end();
}

/// RFC 5280 §4.2.1.3: bit 5 is keyCertSign.
bool read_key_usage(ByteView value, CertificateFields& fields) {
  Reader in(value);
  const ByteView bits = in.take_named_bits();
  if (!in.at_end() || bits.empty()) return false;
  fields.has_key_usage = true;
  fields.may_sign_certificates = (bits[0] & 0x04) != 0;
  return true;
}

bool read_key_identifiers(ByteView oid, ByteView value, CertificateFields& fields) {
  Reader in(value);
  if (is_oid(oid, {0x55, 0x1d, 14})) {
    fields.subject_key_identifier = to_bytes(in.take(Tag::octet_string));
    return in.at_end() && !fields.subject_key_identifier.empty();
  }
  Reader inner(in.take(Tag::sequence));
  // RFC 5280 §4.2.1.1: the key identifier. By issuer and serial nobody here names an authority.
  fields.authority_key_identifier = to_bytes(inner.take(der::primitive_context(0)));
  return in.at_end() && inner.at_end();
}

bool read_extension(ByteView oid, bool critical, ByteView value, CertificateFields& fields) {
  if (is_oid(oid, {0x55, 0x1d, 17})) return read_alternative_names(value, fields);
  if (is_oid(oid, {0x55, 0x1d, 19})) {
    fields.has_critical_constraints = critical;
    return read_basic_constraints(value, fields);
  }
  if (is_oid(oid, {0x55, 0x1d, 15})) return read_key_usage(value, fields);
  if (is_oid(oid, {0x55, 0x1d, 14}) || is_oid(oid, {0x55, 0x1d, 35})) {
    fields.has_critical_key_identifier |= critical;
    return read_key_identifiers(oid, value, fields);
  }
  const bool is_extended_key_usage = is_oid(oid, {0x55, 0x1d, 37});
  if (critical && !is_extended_key_usage) fields.has_unknown_critical_extension = true;
  return true;
}

bool read_extensions(ByteView explicit_content, CertificateFields& fields) {
  Reader outer(explicit_content);
  Reader all(outer.take(Tag::sequence));
  if (!outer.at_end() || all.at_end()) return false;
  std::vector<Bytes> seen;
  while (all.ok() && !all.at_end()) {
    Reader in(all.take(Tag::sequence));
    const ByteView oid = in.take_object_identifier();
    const bool flagged = in.next_is(Tag::boolean);
    const bool critical = flagged && in.take_boolean();
    const ByteView value = in.take(Tag::octet_string);
    if (!in.at_end() || critical != flagged) return false;
    // RFC 5280 §4.2: no extension twice.
    if (std::ranges::find(seen, to_bytes(oid)) != seen.end()) return false;
    seen.push_back(to_bytes(oid));
    if (!read_extension(oid, critical, value, fields)) return false;
  }
  return all.ok();
}

/// RFC 5280 §4.1: tbsCertificate. `algorithm` is the one outside of the signed part, which must be the same.
bool read_signed_part(ByteView content, ByteView algorithm, CertificateFields& fields) {
  Reader in(content);
  Reader version(in.take(der::constructed_context(0)));
  if (!is_oid(version.take(Tag::integer), {2}) || !version.at_end()) return false;
  fields.serial = to_bytes(in.take_unsigned());
  // RFC 5280 §4.1.1.2.
  if (!equal(in.take_whole(Tag::sequence).whole, algorithm)) return false;
  fields.issuer = read_name(in);
  Reader validity(in.take(Tag::sequence));
  const auto not_before = der::read_time(validity.take_any());
  const auto not_after = der::read_time(validity.take_any());
  if (!validity.at_end() || !not_before || !not_after) return false;
  fields.validity = {*not_before, *not_after};
  fields.subject = read_name(in);
  Reader key(in.take(Tag::sequence));
  const ByteView key_algorithm = key.take(Tag::sequence);
  fields.key_algorithm = key_algorithm_of(key_algorithm);
  fields.key = to_bytes(key.take_bit_octets());
  if (!key.at_end() || !is_algorithm(key_algorithm)) return false;
  if (const auto extensions = in.take_if(der::constructed_context(3))) {
    if (!read_extensions(*extensions, fields)) return false;
  }
  fields.is_authority = fields.is_authority && fields.may_sign_certificates;
  return in.at_end();
}

/// What holds for each certificate by itself.
bool is_conforming(const CertificateFields& fields) {
  if (fields.has_unknown_critical_extension || fields.has_critical_key_identifier) return false;
  // RFC 5280 §4.2.1.3: who is no authority signs no certificates.
  if (!fields.is_authority) return !fields.has_key_usage || !fields.may_sign_certificates;
  // §4.2.1.9, §4.2.1.3, §4.2.1.2: an authority says so critically, what its key is for, and which it is.
  return fields.has_critical_constraints && fields.has_key_usage && !fields.subject_key_identifier.empty();
}

}  // namespace

bool may_have_issued(const CertificateFields& authority, const CertificateFields& certificate) {
  const bool has_names = !authority.subject.text.empty() && !certificate.subject.text.empty();
  // §4.2.1.1: the certificate names the key that signed it, as well as its owner.
  return authority.is_authority && is_conforming(authority) && is_conforming(certificate) && has_names &&
         certificate.issuer.der == authority.subject.der &&
         certificate.authority_key_identifier == authority.subject_key_identifier;
}

Result<CertificateFields> read_certificate(ByteView der) {
  CertificateFields fields;
  Reader outer(der);
  Reader in(outer.take(Tag::sequence));
  const Reader::Element signed_part = in.take_whole(Tag::sequence);
  const Reader::Element algorithm = in.take_whole(Tag::sequence);
  fields.to_be_signed = to_bytes(signed_part.whole);
  fields.signature_algorithm = signature_algorithm_of(algorithm.content);
  fields.signature = to_bytes(in.take_bit_octets());
  if (!in.at_end() || !outer.at_end() || !is_algorithm(algorithm.content)) {
    return std::unexpected(Error::bad_certificate);
  }
  if (!read_signed_part(signed_part.content, algorithm.whole, fields)) {
    return std::unexpected(Error::bad_certificate);
  }
  return fields;
}

}  // namespace wardline::crypto
