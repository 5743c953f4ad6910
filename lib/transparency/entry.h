// An entry of the device log: that the organisation's device CA has issued this certificate (ENC-8).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "lib/merkle/tree.h"

namespace wardline::transparency {

/// SHA-256 of a certificate's DER: how certificates are named in requests.
using CertificateHash = std::array<std::uint8_t, 32>;
CertificateHash hash_of_certificate(ByteView der);

/// What an entry says. All of it stands in the certificate too: whoever has that can compute the entry.
struct IssuedCertificate {
  std::string user_id;  ///< UUIDs in text form, lower case
  std::string device_id;
  Bytes certificate;  ///< DER

  bool operator==(const IssuedCertificate&) const = default;
};

/// {"v":1,"id":DEVICE,"user":USER,"certificate":HEX}, the leaf of the log's tree. One spelling of each entry.
std::string encode_entry(const IssuedCertificate& issued);
/// Accepts exactly what `encode_entry` writes.
std::optional<IssuedCertificate> parse_entry(std::string_view entry);

}  // namespace wardline::transparency
