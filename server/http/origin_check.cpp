#include "server/http/origin_check.h"

#include <algorithm>

namespace wardline::http {

core::Result<void> OriginCheck::check(const net::RequestHead& head) const {
  const auto origin = head.field("origin");
  const auto site = head.field("sec-fetch-site");
  const bool other_origin = origin && !is_ours(*origin, head);
  // "none" is the user's own doing (a bookmark); it comes with navigations only, which change nothing here.
  const bool other_site = site && *site != "same-origin" && *site != "none";
  if (!other_origin && !other_site) return {};
  return core::fail(core::ErrorKind::denied, "cross-origin",
                    "This request comes from another web site. Open Wardline at its own address.");
}

bool OriginCheck::is_ours(std::string_view origin, const net::RequestHead& head) const {
  if (!origins_.empty()) return std::ranges::find(origins_, origin) != origins_.end();
  const auto host = head.field("host");
  return host && origin == "https://" + std::string(*host);
}

}  // namespace wardline::http
