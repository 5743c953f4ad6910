#include "lib/content/canonical_json.h"

#include <charconv>

#include "lib/content/utf8.h"

namespace wardline::content {
namespace {

constexpr std::size_t kMostName = 64;

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kMostName || text.front() < 'a' || text.front() > 'z') return false;
  return std::ranges::all_of(
      text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

void write_text(std::string_view text, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kShort = "\b\f\n\r\t\"\\";
  constexpr std::string_view kLetters = "bfnrt\"\\";
  out += '"';
  for (const char c : text) {
    if (const auto at = kShort.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kLetters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[c & 0xf];
    } else {
      out += c;
    }
  }
  out += '"';
}

/// Reads generously where only the canonical form can follow; what it lets through is compared with that
/// form.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  std::optional<Value> value(std::size_t depth) {
    if (rest_.empty()) return std::nullopt;
    switch (rest_.front()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"': {
        auto read = text();
        return read ? std::optional<Value>(std::move(*read)) : std::nullopt;
      }
      case 't':
        return take("true") ? std::optional<Value>(true) : std::nullopt;
      case 'f':
        return take("false") ? std::optional<Value>(false) : std::nullopt;
      default:
        return number();
    }
  }
  bool at_end() const { return rest_.empty(); }

 private:
  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  std::optional<Value> object(std::size_t depth) {
    if (depth == kMostDepth || !take("{")) return std::nullopt;
    Object members;
    if (take("}")) return Value(std::move(members));
    do {
      auto name = text();
      if (!name || !take(":")) return std::nullopt;
      auto member = value(depth + 1);
      if (!member || !members.emplace(std::move(*name), std::move(*member)).second) return std::nullopt;
    } while (take(","));
    return take("}") ? std::optional<Value>(std::move(members)) : std::nullopt;
  }

  std::optional<Value> array(std::size_t depth) {
    if (depth == kMostDepth || !take("[")) return std::nullopt;
    Array elements;
    if (take("]")) return Value(std::move(elements));
    do {
      auto element = value(depth + 1);
      if (!element) return std::nullopt;
      elements.push_back(std::move(*element));
    } while (take(","));
    return take("]") ? std::optional<Value>(std::move(elements)) : std::nullopt;
  }

  std::optional<std::string> text() {
    if (!take("\"")) return std::nullopt;
    std::string read;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return read;
      if (c != '\\') {
        read += c;
      } else if (const auto escaped = escape()) {
        read += *escaped;
      } else {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  std::optional<char> escape() {
    constexpr std::string_view kLetters = "bfnrt\"\\";
    constexpr std::string_view kMeanings = "\b\f\n\r\t\"\\";
    if (rest_.empty()) return std::nullopt;
    if (const auto at = kLetters.find(rest_.front()); at != std::string_view::npos) {
      rest_.remove_prefix(1);
      return kMeanings[at];
    }
    if (!take("u00") || rest_.size() < 2) return std::nullopt;
    unsigned code = 0;
    const std::string_view digits = rest_.substr(0, 2);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), code, 16);
    if (error != std::errc() || end != digits.end() || code >= 0x20) return std::nullopt;
    rest_.remove_prefix(2);
    return static_cast<char>(code);
  }

  std::optional<Value> number() {
    std::int64_t read = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), read);
    if (error != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return Value(read);
  }

  std::string_view rest_;
};

}  // namespace

bool write_value(const Value& value, std::size_t depth, std::string& out) {
  if (const auto* truth = value.as<bool>()) {
    out += *truth ? "true" : "false";
    return true;
  }
  if (const auto* number = value.as<std::int64_t>()) {
    if (*number > kMostInteger || *number < -kMostInteger) return false;
    out += std::to_string(*number);
    return true;
  }
  if (const auto* text = value.as<std::string>()) {
    if (!is_utf8(as_bytes(*text))) return false;
    write_text(*text, out);
    return true;
  }
  if (depth == kMostDepth) return false;
  const char* separator = "";
  if (const auto* elements = value.as<Array>()) {
    out += '[';
    for (const Value& element : *elements) {
      out += separator;
      if (!write_value(element, depth + 1, out)) return false;
      separator = ",";
    }
    out += ']';
    return true;
  }
  out += '{';
  for (const auto& [name, member] : std::get<Object>(value.value_)) {
    if (!is_name(name)) return false;
    out += separator;
    write_text(name, out);
    out += ':';
    if (!write_value(member, depth + 1, out)) return false;
    separator = ",";
  }
  out += '}';
  return true;
}

std::optional<std::string> to_canonical_json(const Value& value) {
  std::string out;
  return write_value(value, 0, out) ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<Value> from_canonical_json(ByteView json) {
  const std::string_view text(reinterpret_cast<const char*>(json.data()), json.size());
  Reader reader(text);
  auto value = reader.value(0);
  if (!value || !reader.at_end() || to_canonical_json(*value) != text) return std::nullopt;
  return value;
}

}  // namespace wardline::content
