// Takes HTTP/1.1 requests apart as their bytes come in. Hides Beast's parser, which costs a minute of compile
// time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/net/server.h"

namespace wardline::net {

class RequestParser {
 public:
  enum class Step : std::uint8_t { needs_more, head, complete, failed };

  explicit RequestParser(std::size_t header_limit);
  ~RequestParser();

  /// Takes what it can from the front of `input` and says in `taken` how much that was; what it has not taken
  /// has to be given again, with more behind it. Gives `head` once, as soon as the header is complete.
  Step parse(std::string_view input, std::size_t& taken);

  // After `head`:
  RequestHead& head() { return head_; }
  bool keep_alive() const;
  bool expects_continue() const;
  /// As announced; nothing for a chunked body.
  std::optional<std::uint64_t> content_length() const;
  bool has_body() const;
  void allow_body(std::size_t limit);

  // After `complete`:
  std::string take_body();

  // After `failed`:
  Fault fault() const { return fault_; }

 private:
  Step fail(Fault fault) {
    fault_ = fault;
    return Step::failed;
  }
  Step read_head();

  struct Beast;
  std::unique_ptr<Beast> beast_;
  std::size_t header_left_;  // Bytes that the head may still have.
  RequestHead head_;
  Fault fault_ = Fault::malformed;
};

}  // namespace wardline::net
