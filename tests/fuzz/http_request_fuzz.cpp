// HTTP/1.1 requests off the wire: the parser says the same however the stream is cut, and what it lets
// through is what the routes are told to expect.
#include "server/http/context.h"
#include "server/http/router.h"
#include "server/net/impl/request_parser.h"
#include "server/net/utf8.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

using namespace net;
using Step = RequestParser::Step;

constexpr std::size_t kHeaderLimit = 2048;
constexpr std::size_t kBodyLimit = 1024;

/// What came of a stream, as text to compare.
std::string parse(std::string_view stream, ByteView cuts) {
  RequestParser parser(kHeaderLimit);
  std::string pending, said;
  std::size_t at = 0, cut = 0;
  while (true) {
    std::size_t taken = 0;
    const Step step = parser.parse(pending, taken);
    FUZZ_CHECK(taken <= pending.size(), "the parser takes what there is");
    pending.erase(0, taken);
    if (step == Step::failed) return said + "fault " + std::to_string(static_cast<int>(parser.fault()));
    if (step == Step::head) {
      const RequestHead& head = parser.head();
      FUZZ_CHECK(head.fields.size() <= 100, "a request has no more fields than the limit");
      said += std::string(name_of(head.method)) + " " + head.path + "?" + head.query + "\n";
      for (const auto& [name, value] : head.fields) {
        FUZZ_CHECK(name.find_first_of(" \r\n:") == std::string::npos &&
                       value.find_first_of("\r\n") == std::string::npos &&
                       value.find('\0') == std::string::npos,
                   "no field holds what would end it");
        said += name + ": " + value + "\n";
      }
      if (parser.content_length().value_or(0) > kBodyLimit) return said + "too large";
      parser.allow_body(kBodyLimit);
      continue;
    }
    if (step == Step::complete) {
      const std::string body = parser.take_body();
      FUZZ_CHECK(body.size() <= kBodyLimit, "a body is no larger than its route allows");
      return said + "body " + body;
    }
    if (at == stream.size()) return said + "incomplete";
    const std::size_t size = cut < cuts.size() ? cuts[cut] + std::size_t{1} : stream.size() - at;
    ++cut;
    pending += stream.substr(at, size);
    at = std::min(stream.size(), at + size);
  }
}

/// The table of routes, asked for any path.
void look_up(std::string_view target) {
  static const http::Router* const router = [] {
    auto* made = new http::Router;  // Lives as long as the process.
    for (const char* pattern :
         {"/v1/me", "/v1/conversations/{id}/messages", "/v1/conversations/{id}/log", "/v1/users/{id}"})
      made->add<policy::Action::public_health>(Method::get, pattern,
                                               [](http::Context&) { return http::Response{}; });
    return made;
  }();
  const auto match = router->match(Method::get, target.substr(0, target.find('?')));
  for (const auto& [name, value] : match.parameters) {
    FUZZ_CHECK(
        is_utf8(value) && value.find('/') == std::string::npos && value.find('\0') == std::string::npos,
        "a path parameter is text without a slash");
  }
  RequestHead head{.path = {}, .query = {}, .fields = {{"cookie", std::string(target)}}, .peer = {}};
  static_cast<void>(http::cookie(head, http::kSessionCookie));
  http::Request request;
  request.query = target;
  http::Context context(std::move(request), {}, policy::Action::public_health, {}, {});
  const auto number = context.query_integer_or(7, "after", 0, 1000);
  FUZZ_CHECK(!number || (*number >= 0 && *number <= 1000), "a number of the query is in its range");
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  fuzz::Input input(data, size);
  const ByteView cuts = input.take(input.below(32));
  const std::string stream = as_text(input.rest());
  const std::string whole = fuzz::parse(stream, {}), cut = fuzz::parse(stream, cuts);
  // Of a head that has not ended within its limit it may be known sooner or later what is wrong with it.
  const auto refused = [](const std::string& said) {
    return said == "incomplete" || said.starts_with("fault");
  };
  const bool ended = stream.substr(0, fuzz::kHeaderLimit).find("\r\n\r\n") != std::string::npos;
  FUZZ_CHECK(whole == cut || (!ended && refused(whole) && refused(cut)),
             "the parser says the same however the stream is cut");
  fuzz::look_up(stream);
  return 0;
}
