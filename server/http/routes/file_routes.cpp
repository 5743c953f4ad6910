#include "server/http/routes/file_routes.h"

#include <limits>

#include <fmt/format.h>

#include "server/http/byte_range.h"
#include "server/http/json.h"
#include "server/http/json_reader.h"
#include "server/http/problem.h"

namespace wardline::http {

using files::Files;
using policy::Action;

namespace {

constexpr std::string_view kBytes = "application/octet-stream";

struct Address {
  core::ConversationId conversation;
  core::FileId file;
};

Result<Address> address_of(const Context& context) {
  const auto conversation = context.id<core::ConversationId>("id");
  if (!conversation) return std::unexpected(conversation.error());
  const auto file = context.id<core::FileId>("file_id");
  if (!file) return std::unexpected(file.error());
  return Address{*conversation, *file};
}

Result<Response> answer(core::FileId file, const Result<files::Upload>& upload, int status = 200) {
  if (!upload) return std::unexpected(upload.error());
  return json_response({{"file_id", to_json(file)},
                        {"received", upload->received},
                        {"complete", upload->complete},
                        {"part_bytes", files::kLargestPart},
                        {"expires_at", to_json(upload->expires_at)}},
                       status);
}

Result<Response> begin(Files& files, Context& context) {
  const auto conversation = context.id<core::ConversationId>("id");
  if (!conversation) return std::unexpected(conversation.error());
  JsonReader body(context.request().body);
  files::BeginUpload request{.conversation = *conversation, .file = body.id<core::FileId>("file_id")};
  request.size = static_cast<std::uint64_t>(body.integer("size", 1));
  const Bytes digest = body.binary("sha256", {.least = 32, .most = 32});
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  std::ranges::copy(digest, request.digest.begin());
  return answer(request.file, files.begin(context.subject(), request), 201);
}

Result<Response> write(Files& files, Context& context) {
  const auto address = address_of(context);
  if (!address) return std::unexpected(address.error());
  const std::string& body = context.request().body;
  const auto part = parse_content_range(context.request().field("content-range").value_or(""));
  if (!part || part->range.last - part->range.first + 1 != body.size())
    return fail(ErrorKind::invalid, "invalid-range",
                "Content-Range must name the bytes that the body holds: \"bytes first-last/size\".");
  return answer(address->file, files.write(context.subject(), address->conversation, address->file,
                                           {part->range.first, part->size}, as_bytes(body)));
}

Result<Response> complete(Files& files, Context& context) {
  const auto address = address_of(context);
  if (!address) return std::unexpected(address.error());
  if (auto ok = JsonReader(context.request().body).finish(); !ok) return std::unexpected(ok.error());
  return answer(address->file, files.complete(context.subject(), address->conversation, address->file));
}

Result<Response> cancel(Files& files, Context& context) {
  const auto address = address_of(context);
  if (!address) return std::unexpected(address.error());
  if (auto done = files.cancel(context.subject(), address->conversation, address->file); !done)
    return std::unexpected(done.error());
  return no_content();
}

// RFC 9110 §15.5.17: says how large the file is.
Response not_satisfiable(const core::Error& error, RequestId request) {
  Response response = problem(error, request, 416);
  for (const auto& [name, size] : error.facts)
    if (name == "size") response.set("content-range", fmt::format("bytes */{}", size));
  return response;
}

// RFC 9110 §15.3.7: a server may send less than was asked for. Nobody gets more than one part at a time.
Result<Response> read(Files& files, Context& context) {
  const auto address = address_of(context);
  if (!address) return std::unexpected(address.error());
  const auto field = context.request().field("range");
  const auto range = parse_range(field.value_or("bytes=0-"));
  if (!range)
    return fail(ErrorKind::invalid, "invalid-range", "Range must name one part: \"bytes=first-last\".");
  auto part = files.read(context.subject(), address->conversation, address->file, range->first, range->last);
  if (!part && part.error().code == "range-not-satisfiable")
    return not_satisfiable(part.error(), context.request_id());
  if (!part) return std::unexpected(part.error());
  const bool whole = part->bytes.size() == part->size;
  if (!field && !whole)
    return fail(ErrorKind::invalid, "range-needed",
                "The file is larger than one answer: ask for parts of it.",
                {{"size", static_cast<std::int64_t>(part->size)},
                 {"part_bytes", static_cast<std::int64_t>(files::kLargestPart)}});
  Response response{.status = field ? 206 : 200};
  response.set("content-type", std::string(kBytes));
  response.set("content-disposition", "attachment");
  response.set("cache-control", "no-store");
  response.set("accept-ranges", "bytes");
  if (field)
    response.set("content-range",
                 content_range({{part->first, part->first + part->bytes.size() - 1}, part->size}));
  response.body = std::move(part->bytes);
  return response;
}

}  // namespace

void add_file_routes(Router& router, Files& files) {
  const auto with = [&files](Result<Response> (*handle)(Files&, Context&)) {
    return [&files, handle](Context& context) { return handle(files, context); };
  };
  const std::string all = "/v1/conversations/{id}/files";
  const std::string one = all + "/{file_id}";
  router.add<Action::file_begin>(Method::post, all, with(begin));
  router.add<Action::file_write>(Method::put, one, with(write),
                                 {.body_limit = files::kLargestPart, .content_type = kBytes});
  router.add<Action::file_complete>(Method::post, one + "/complete", with(complete));
  router.add<Action::file_cancel>(Method::del, one, with(cancel));
  router.add<Action::file_read>(Method::get, one, with(read));
}

}  // namespace wardline::http
