// What the calls of Api have in common: lists of names in requests, and answers read into values.
#pragma once

#include "client/messaging/api.h"

namespace wardline::client {

inline json::array texts(const std::vector<std::string>& values) {
  json::array all;
  for (const auto& value : values) all.push_back(json::string(value));
  return all;
}

template <class Reader>
auto read(const Outcome<Answer>& answer, const Reader& reader)
    -> Outcome<decltype(reader(std::declval<Fields>()))> {
  if (!answer) return std::unexpected(answer.error());
  auto value = answer->read(reader);
  if (!value) return failed(value);
  return std::move(*value);
}

inline Outcome<void> done(const Outcome<Answer>& answer) {
  if (!answer) return std::unexpected(answer.error());
  return {};
}

}  // namespace wardline::client
