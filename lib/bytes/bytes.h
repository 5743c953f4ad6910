// Byte strings and views: the one vocabulary for binary data in the whole tree.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wardline {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// The bytes of a text, without a copy. The view lives as long as `text` does.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The text that these bytes spell, without checking that they are UTF-8.
inline std::string as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }

/// Equality of public data. For secrets and MACs use `constant_time_equal` of secret_bytes.h.
inline bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

inline void append(Bytes& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }

/// All parts, one after the other.
template <class... Parts>
Bytes concat(const Parts&... parts) {
  Bytes all;
  all.reserve((ByteView(parts).size() + ... + 0));
  (append(all, ByteView(parts)), ...);
  return all;
}

}  // namespace wardline
