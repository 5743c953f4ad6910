#include "server/storage/schema/dialect.h"

#include <cctype>
#include <vector>

namespace wardline::storage {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// Drops the parts for the other engine, and comments: a quote in a comment must not look like the start of a
// text.
std::string part_for(std::string_view script, Dialect dialect) {
  std::string out;
  bool ours = true;
  while (!script.empty()) {
    const std::size_t end = std::min(script.find('\n'), script.size() - 1);
    const std::string_view line = script.substr(0, end + 1);
    script.remove_prefix(end + 1);
    if (line.starts_with("--@both")) {
      ours = true;
    } else if (line.starts_with("--@sqlite")) {
      ours = dialect == Dialect::sqlite;
    } else if (line.starts_with("--@postgres")) {
      ours = dialect == Dialect::postgres;
    } else if (ours) {
      const std::size_t comment = line.find("--");
      out.append(line.substr(0, comment));
      if (comment != std::string_view::npos) out += '\n';
    }
  }
  return out;
}

// Words, quoted texts, runs of white space and single characters.
std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  while (!text.empty()) {
    std::size_t size = 1;
    if (is_word(text[0])) {
      while (size < text.size() && is_word(text[size])) ++size;
    } else if (is_space(text[0])) {
      while (size < text.size() && is_space(text[size])) ++size;
    } else if (text[0] == '\'' || text[0] == '"') {
      size = std::min(text.find(text[0], 1), text.size() - 1) + 1;
    }
    tokens.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return tokens;
}

class Translator {
 public:
  Translator(std::string_view text, Dialect dialect)
      : tokens_(tokens_of(text)), sqlite_(dialect == Dialect::sqlite) {}

  std::string run() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      track_table();
      translate();
    }
    return std::move(out_);
  }

 private:
  // The word `ahead` words further on, 0 for this one; white space does not count.
  std::string_view word(std::size_t ahead) const {
    std::size_t i = at_;
    for (; i < tokens_.size(); ++i) {
      if (is_space(tokens_[i][0])) continue;
      if (ahead-- == 0) return tokens_[i];
    }
    return {};
  }
  void skip_to_word() {
    do {
      ++at_;
    } while (at_ + 1 < tokens_.size() && is_space(tokens_[at_][0]));
  }

  // SQLite types are only kept to where the table is STRICT, so each table becomes so.
  void track_table() {
    const std::string_view token = tokens_[at_];
    if (token == "CREATE" && word(1) == "TABLE") table_ = Table::open;
    if (token == "WITHOUT" && table_ == Table::open) table_ = Table::with_options;
    if (token == ";") {
      if (sqlite_ && table_ != Table::none) out_ += table_ == Table::with_options ? ", STRICT" : " STRICT";
      table_ = Table::none;
    }
  }

  void translate() {
    const std::string_view token = tokens_[at_];
    if (token == "BYTES") {
      out_ += sqlite_ ? "BLOB" : "BYTEA";
    } else if (token == "TEXT") {
      out_ += sqlite_ ? "TEXT" : "TEXT COLLATE \"C\"";
    } else if (sqlite_ && (token == "BIGINT" || token == "BOOLEAN")) {
      out_ += "INTEGER";
    } else if (sqlite_ && token == "DOUBLE" && word(1) == "PRECISION") {
      out_ += "REAL";
      skip_to_word();
    } else if (!sqlite_ && token == "WITHOUT" && word(1) == "ROWID") {
      skip_to_word();
    } else {
      out_ += token;
    }
  }

  enum class Table { none, open, with_options };
  std::vector<std::string_view> tokens_;
  bool sqlite_;
  std::size_t at_ = 0;
  Table table_ = Table::none;
  std::string out_;
};

}  // namespace

std::string translate_schema(std::string_view script, Dialect dialect) {
  return Translator(part_for(script, dialect), dialect).run();
}

}  // namespace wardline::storage
