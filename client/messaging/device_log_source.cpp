#include "client/messaging/device_log_source.h"

#include "lib/bytes/text.h"

namespace wardline::client {
namespace {

using Refusal = conversation::DeviceLogSource::Refusal;

Refusal refusal_of(const Error& error) {
  if (error.code == "not-logged-yet") return Refusal::not_logged_yet;
  // Nonsense is no answer that an honest server gives; a session that has ended is.
  if (error.is_transient() || error.status == 401) return Refusal::unreachable;
  return Refusal::refused;
}

/// One of another length is kept as one that proves nothing.
merkle::Proof read_proof(Fields f) {
  merkle::Proof proof;
  for (const Bytes& each : f.binaries("proof"))
    proof.push_back(merkle::hash_from(each).value_or(merkle::Hash{}));
  return proof;
}

std::string between(std::string_view path,
                    std::initializer_list<std::pair<std::string_view, std::uint64_t>> query) {
  std::string all = "/v1/device-log/" + std::string(path);
  char mark = '?';
  for (const auto& [name, value] : query) {
    all += mark + std::string(name) + "=" + std::to_string(value);
    mark = '&';
  }
  return all;
}

}  // namespace

template <class Reader>
auto DeviceLogSource::ask(std::string_view method, const std::string& path, const json::object* body,
                          const Reader& reader) -> Answer<decltype(reader(std::declval<Fields>()))> {
  auto answer = api_.call(method, path, body);
  if (answer) {
    auto value = answer->read(reader);
    if (value) return std::move(*value);
    trouble_ = Error(value.error());
  } else {
    trouble_ = std::move(answer.error());
  }
  return std::unexpected(refusal_of(*trouble_));
}

DeviceLogSource::Answer<std::string> DeviceLogSource::checkpoint() {
  return ask("GET", between("checkpoint", {}), nullptr, [](Fields f) { return f.text("checkpoint"); });
}

DeviceLogSource::Answer<merkle::Proof> DeviceLogSource::consistency(std::uint64_t from, std::uint64_t to) {
  return ask("GET", between("consistency", {{"from", from}, {"to", to}}), nullptr, read_proof);
}

DeviceLogSource::Answer<std::vector<conversation::LoggedCertificate>> DeviceLogSource::inclusion(
    std::uint64_t size, std::span<const transparency::CertificateHash> certificates) {
  json::array hashes;
  for (const auto& each : certificates) hashes.push_back(json::string(to_base64url(each)));
  const json::object body{{"size", size}, {"certificates", std::move(hashes)}};
  return ask("POST", between("inclusion", {}), &body, [](Fields f) {
    std::vector<conversation::LoggedCertificate> logged;
    for (const Fields& each : f.objects("proofs")) {
      const auto hash = merkle::hash_from(each.binary("certificate"));
      logged.push_back({hash.value_or(merkle::Hash{}), each.number("index"), read_proof(each)});
    }
    return logged;
  });
}

DeviceLogSource::Answer<DeviceLogSource::Entries> DeviceLogSource::entries(transparency::LogView::Range range,
                                                                           std::uint64_t size) {
  const auto path = between("entries", {{"first", range.first}, {"last", range.last}, {"size", size}});
  return ask("GET", path, nullptr, [](Fields f) { return Entries{f.texts("entries"), read_proof(f)}; });
}

}  // namespace wardline::client
