#include "client/attachments/http_file_server.h"

#include <charconv>

#include <boost/json/serialize.hpp>

#include "client/net/json_call.h"
#include "lib/bytes/text.h"

namespace wardline::client {
namespace {

std::string path_of(const std::string& conversation_id, const std::string& file_id = {}) {
  return "/v1/conversations/" + conversation_id + "/files" + (file_id.empty() ? "" : "/" + file_id);
}

std::expected<UploadStanding, HttpError> standing(const std::expected<HttpAnswer, HttpError>& answer) {
  if (!answer) return std::unexpected(answer.error());
  const auto parsed = Answer::parse(answer->body);
  if (!parsed) return std::unexpected(parsed.error());
  return parsed->read([](Fields f) { return UploadStanding{f.number("received"), f.truth("complete")}; });
}

/// RFC 9110 §14.4: "bytes first-last/size".
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t size = 0;
};

bool take_number(std::string_view& text, std::string_view mark, std::uint64_t& number) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(mark.size());
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc() || end == text.data()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  ContentRange range;
  const bool good = take_number(text, "bytes ", range.first) && take_number(text, "-", range.last) &&
                    take_number(text, "/", range.size) && text.empty();
  return good ? std::optional(range) : std::nullopt;
}

}  // namespace

std::expected<HttpAnswer, HttpError> HttpFileServer::exchange(const HttpRequest& request) {
  auto answer = https_.exchange(request);
  if (!answer && answer.error().status == 401 && renew_ && renew_()) answer = https_.exchange(request);
  return answer;
}

std::expected<UploadStanding, HttpError> HttpFileServer::begin(const std::string& conversation_id,
                                                               const std::string& file_id, std::uint64_t size,
                                                               ByteView sha256) {
  const auto body =
      json::serialize(json::object{{"file_id", file_id}, {"size", size}, {"sha256", to_base64url(sha256)}});
  return standing(exchange({.method = "POST", .path = path_of(conversation_id), .body = body}));
}

std::expected<UploadStanding, HttpError> HttpFileServer::put(const std::string& conversation_id,
                                                             const std::string& file_id, std::uint64_t first,
                                                             std::uint64_t size, std::string_view bytes) {
  const auto range = "bytes " + std::to_string(first) + "-" + std::to_string(first + bytes.size() - 1) + "/" +
                     std::to_string(size);
  return standing(exchange({.method = "PUT",
                            .path = path_of(conversation_id, file_id),
                            .body = bytes,
                            .content_type = "application/octet-stream",
                            .content_range = range}));
}

std::expected<UploadStanding, HttpError> HttpFileServer::complete(const std::string& conversation_id,
                                                                  const std::string& file_id) {
  return standing(
      exchange({.method = "POST", .path = path_of(conversation_id, file_id) + "/complete", .body = "{}"}));
}

std::expected<void, HttpError> HttpFileServer::cancel(const std::string& conversation_id,
                                                      const std::string& file_id) {
  const auto answer = exchange({.method = "DELETE", .path = path_of(conversation_id, file_id)});
  if (!answer) return std::unexpected(answer.error());
  return {};
}

std::expected<FilePart, HttpError> HttpFileServer::get(const std::string& conversation_id,
                                                       const std::string& file_id, std::uint64_t first) {
  const auto range = "bytes=" + std::to_string(first) + "-" + std::to_string(first + kPartBytes - 1);
  auto answer = exchange({.method = "GET", .path = path_of(conversation_id, file_id), .range = range});
  if (!answer) return std::unexpected(answer.error());
  const auto got = parse_content_range(answer->content_range);
  if (!got || got->first != first || got->last - got->first + 1 != answer->body.size())
    return std::unexpected(Answer::unreadable());
  return FilePart{std::move(answer->body), got->size};
}

}  // namespace wardline::client
