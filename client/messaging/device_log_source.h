// The device log as the server tells of it over HTTP (docs/api.md, "The device log"). Nothing is checked
// here.
#pragma once

#include "client/messaging/api.h"
#include "lib/conversation/device_log_follower.h"

namespace wardline::client {

class DeviceLogSource final : public conversation::DeviceLogSource {
 public:
  /// `api` outlives the object.
  explicit DeviceLogSource(Api& api) : api_(api) {}

  Answer<std::string> checkpoint() override;
  Answer<merkle::Proof> consistency(std::uint64_t from, std::uint64_t to) override;
  Answer<std::vector<conversation::LoggedCertificate>> inclusion(
      std::uint64_t size, std::span<const transparency::CertificateHash> certificates) override;
  Answer<Entries> entries(transparency::LogView::Range range, std::uint64_t size) override;

  /// Why a question since `forget_trouble` has no answer.
  const std::optional<Error>& trouble() const { return trouble_; }
  void forget_trouble() { trouble_.reset(); }

 private:
  template <class Reader>
  auto ask(std::string_view method, const std::string& path, const json::object* body, const Reader& reader)
      -> Answer<decltype(reader(std::declval<Fields>()))>;

  Api& api_;
  std::optional<Error> trouble_;
};

}  // namespace wardline::client
