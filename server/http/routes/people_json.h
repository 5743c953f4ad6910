// The JSON shapes of people, devices, factors and patients (docs/api.md).
#pragma once

#include "server/clinical/patients.h"
#include "server/directory/directory.h"
#include "server/http/json.h"

namespace wardline::http {

json::object to_json(const directory::Service& service);
json::object to_json(const directory::Location& location);
json::object to_json(const directory::PersonView& view);
json::object to_json(const identity::Device& device);
json::object to_json(const identity::Factor& factor);
json::object to_json(const clinical::Patient& patient);

template <class T>
json::value to_json_or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  return to_json(*value);
}

template <class T>
json::array to_json_array(const std::vector<T>& values) {
  json::array array;
  array.reserve(values.size());
  for (const T& value : values) array.push_back(json::value(to_json(value)));
  return array;
}

}  // namespace wardline::http
