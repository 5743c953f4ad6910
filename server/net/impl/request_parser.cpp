#include "server/net/impl/request_parser.h"

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace wardline::net {

namespace http = boost::beast::http;

struct RequestParser::Beast {
  http::request_parser<http::string_body> parser;
};

namespace {

constexpr std::size_t kMostFields = 100;

std::optional<Method> method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::del;
    case http::verb::options:
      return Method::options;
    default:
      return std::nullopt;
  }
}

Fault fault_of(const boost::system::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return Fault::header_too_large;
  if (error == http::error::body_limit) return Fault::body_too_large;
  if (error == http::error::bad_version) return Fault::unknown_version;
  return Fault::malformed;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return result;
}

bool has_token(const http::fields& fields, http::field name, std::string_view token) {
  return http::token_list(fields[name]).exists(token);
}

}  // namespace

RequestParser::RequestParser(std::size_t header_limit)
    : beast_(std::make_unique<Beast>()), header_left_(header_limit) {
  beast_->parser.header_limit(static_cast<std::uint32_t>(header_limit));
  beast_->parser.body_limit(boost::none);  // Until the route is known; nothing of the body is taken before.
  beast_->parser.eager(false);
}
RequestParser::~RequestParser() = default;

RequestParser::Step RequestParser::parse(std::string_view input, std::size_t& taken) {
  auto& parser = beast_->parser;
  taken = 0;
  const bool had_head = parser.is_header_done();
  while (taken < input.size() && !parser.is_done()) {
    boost::system::error_code error;
    const std::size_t put =
        parser.put(boost::asio::buffer(input.data() + taken, input.size() - taken), error);
    taken += put;
    if (!had_head) {
      // Beast's own limit grows by what it has taken before, which depends on how the stream was cut.
      if (put > header_left_) return fail(Fault::header_too_large);
      header_left_ -= put;
    }
    if (error == http::error::need_more) {
      // Of a first line that ends within its version Beast has only looked at what follows, and would wait
      // until the deadline for an end that it has already.
      const bool has_ended = !parser.is_header_done() && input.substr(taken).contains("\r\n\r\n");
      return has_ended ? fail(Fault::unknown_version) : Step::needs_more;
    }
    if (error) return fail(fault_of(error));
    if (!had_head && parser.is_header_done()) return read_head();
  }
  return parser.is_done() ? Step::complete : Step::needs_more;
}

RequestParser::Step RequestParser::read_head() {
  const auto& message = beast_->parser.get();
  if (message.version() != 11) return fail(Fault::unknown_version);
  const auto method = method_of(message.method());
  if (!method) return fail(Fault::unknown_method);
  head_.method = *method;
  // RFC 9112 §3.2.1: origin-form; we are no proxy.
  const std::string_view target = message.target();
  if (!target.starts_with('/') || target.find('#') != std::string_view::npos) return fail(Fault::malformed);
  const auto question = target.find('?');
  head_.path = target.substr(0, question);
  if (question != std::string_view::npos) head_.query = target.substr(question + 1);

  // RFC 9112 §3.2: exactly one Host. §6.1: a body is either chunked or has one length; anything else is how
  // requests get smuggled past a proxy.
  if (message.count(http::field::host) != 1) return fail(Fault::malformed);
  const auto codings = message.count(http::field::transfer_encoding);
  if (codings > 1 || (codings == 1 && lower(message[http::field::transfer_encoding]) != "chunked"))
    return fail(Fault::malformed);
  if (message.count(http::field::content_length) > (codings == 0 ? 1 : 0)) return fail(Fault::malformed);

  std::size_t count = 0;
  for (const auto& field : message) {
    if (++count > kMostFields) return fail(Fault::header_too_large);
    head_.fields.emplace_back(lower(field.name_string()), std::string(field.value()));
  }
  head_.wants_websocket = *method == Method::get && has_token(message, http::field::connection, "upgrade") &&
                          has_token(message, http::field::upgrade, "websocket");
  return Step::head;
}

bool RequestParser::keep_alive() const { return beast_->parser.keep_alive(); }
bool RequestParser::expects_continue() const {
  return lower(beast_->parser.get()[http::field::expect]) == "100-continue";
}
std::optional<std::uint64_t> RequestParser::content_length() const {
  const auto length = beast_->parser.content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}
bool RequestParser::has_body() const { return !beast_->parser.is_done(); }
void RequestParser::allow_body(std::size_t limit) { beast_->parser.body_limit(limit); }
std::string RequestParser::take_body() { return std::move(beast_->parser.get().body()); }

}  // namespace wardline::net
