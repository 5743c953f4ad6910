#include "server/audit/json_line.h"

#include "server/core/id.h"

namespace wardline::audit {

void LineWriter::begin(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  if (name.empty()) return;
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

void LineWriter::text(std::string_view name, std::string_view value) {
  begin(name);
  out_ += '"';
  out_ += value;
  out_ += '"';
}

void LineWriter::uuid(std::string_view name, ByteView id) {
  begin(name);
  out_ += '"';
  core::append_uuid(out_, id.first<16>());
  out_ += '"';
}

bool LineReader::skip(std::string_view expected) {
  if (!ok_ || !rest_.starts_with(expected)) return ok_ = false;
  rest_.remove_prefix(expected.size());
  return true;
}

bool LineReader::has(std::string_view name) const {
  std::string_view rest = rest_;
  if (!first_) {
    if (!rest.starts_with(',')) return false;
    rest.remove_prefix(1);
  }
  return ok_ && rest.starts_with('"') && rest.substr(1).starts_with(name) &&
         rest.substr(1 + name.size()).starts_with("\":");
}

std::string_view LineReader::next_name() const {
  const std::size_t start = rest_.find('"');
  if (start == std::string_view::npos) return {};
  const std::size_t end = rest_.find('"', start + 1);
  return end == std::string_view::npos ? std::string_view() : rest_.substr(start + 1, end - start - 1);
}

bool LineReader::begin(std::string_view name) {
  if (!first_ && !skip(",")) return false;
  if (name.empty()) return ok_;
  return skip("\"") && skip(name) && skip("\":");
}

bool LineReader::open(std::string_view name, char bracket) {
  if (!begin(name) || !skip({&bracket, 1})) return false;
  first_ = true;
  return true;
}

bool LineReader::close(char bracket) {
  if (!skip({&bracket, 1})) return false;
  first_ = false;
  return true;
}

std::string_view LineReader::text(std::string_view name) {
  if (!begin(name) || !skip("\"")) return {};
  const std::size_t end = rest_.find('"');
  if (end == std::string_view::npos) {
    ok_ = false;
    return {};
  }
  const std::string_view value = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  first_ = false;
  return value;
}

}  // namespace wardline::audit
