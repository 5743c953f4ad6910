#include "server/http/routes/conversation_routes.h"

#include "lib/tls_codec/codec.h"
#include "server/http/json_reader.h"
#include "server/http/routes/delivery_json.h"

namespace wardline::http {

using policy::Action;

namespace {

constexpr Length kMessage{.least = 1, .most = 256U << 10};
constexpr Length kHandshake{.least = 1, .most = 4U << 20};
constexpr std::size_t kMostUsers = 1000;
constexpr RouteOptions kHandshakeRoute{.body_limit = 16U << 20};

delivery::Priority read_priority(JsonReader& body) {
  return body.choice<delivery::Priority>("priority", {{"routine", delivery::Priority::routine},
                                                      {"urgent", delivery::Priority::urgent},
                                                      {"critical", delivery::Priority::critical}});
}

Result<Response> show(delivery::Delivery& delivery, Context& context, core::ConversationId id,
                      int status = 200) {
  const auto view = delivery.conversations.find(context.subject(), id);
  if (!view) return std::unexpected(view.error());
  return json_response(to_json(*view), status);
}

/// `confirmed`: what is answered about people who come into a conversation.
delivery::Answers read_answers(JsonReader& body) {
  delivery::Answers answers;
  auto confirmed = body.optional_object("confirmed");
  if (!confirmed) return answers;
  const auto people = [](JsonReader& of, std::string_view name) {
    const auto users = of.ids<core::UserId>(name, kMostUsers);
    return std::unordered_set<core::UserId>(users.begin(), users.end());
  };
  if (confirmed->has("cross_service")) answers.cross_service = people(*confirmed, "cross_service");
  if (auto reason = confirmed->optional_object("reason")) {
    answers.reason = delivery::Answers::Reason{
        .why = reason->choice<delivery::StatedReason>("word", delivery::kStatedReasons),
        .about = people(*reason, "user_ids")};
  }
  return answers;
}

Result<Response> create(delivery::Delivery& delivery, Context& context) {
  JsonReader body(context.request().body);
  const delivery::CreateConversation request{
      .conversation = body.id<core::ConversationId>("conversation_id"),
      .kind = body.choice<delivery::ConversationKind>("kind", {{"direct", delivery::ConversationKind::direct},
                                                               {"group", delivery::ConversationKind::group}}),
      .users = body.ids<core::UserId>("user_ids", kMostUsers),
      .match_id = body.optional_text("match_id", {.least = 1, .most = 100}),
      .answers = read_answers(body),
      .group_info_0 = body.binary("group_info_0", kHandshake),
      .commit = body.binary("commit", kHandshake),
      .welcome = body.binary("welcome", kHandshake),
      .group_info = body.binary("group_info", kHandshake)};
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  if (auto done = delivery.creation.create(context.subject(), request); !done)
    return std::unexpected(done.error());
  return show(delivery, context, request.conversation, 201);
}

Result<Response> list(delivery::Delivery& delivery, Context& context) {
  const auto views = delivery.conversations.list(context.subject());
  if (!views) return std::unexpected(views.error());
  json::array conversations;
  for (const auto& view : *views) conversations.push_back(to_json(view));
  return json_response({{"conversations", std::move(conversations)}});
}

void send(delivery::Delivery& delivery, const std::shared_ptr<Context>& context, Reply reply) {
  const auto id = context->id<core::ConversationId>("id");
  if (!id) return reply(std::unexpected(id.error()));
  JsonReader body(context->request().body);
  delivery::SendRequest request{.subject = context->subject(),
                                .conversation = *id,
                                .idempotency = body.id<core::IdempotencyId>("idempotency_id"),
                                .epoch = static_cast<std::uint64_t>(body.integer("epoch", 0)),
                                .priority = read_priority(body),
                                .needs_acknowledgement = body.boolean("needs_acknowledgement"),
                                .message = body.binary("message", kMessage)};
  if (auto ok = body.finish(); !ok) return reply(std::unexpected(ok.error()));
  // Shared: `reply` is needed here as well if the message cannot even be queued.
  const auto answer = std::make_shared<Reply>(std::move(reply));
  const auto queued = delivery.sender.send(std::move(request), [answer](core::Result<delivery::Sent> sent) {
    if (!sent) return (*answer)(std::unexpected(std::move(sent.error())));
    (*answer)(json_response({{"sequence", sent->sequence}, {"stored_at", to_json(sent->stored_at)}}, 201));
  });
  if (!queued) (*answer)(std::unexpected(queued.error()));
}

Result<Response> commit(delivery::Delivery& delivery, Context& context) {
  const auto id = context.id<core::ConversationId>("id");
  if (!id) return std::unexpected(id.error());
  JsonReader body(context.request().body);
  const delivery::SendCommit request{.conversation = *id,
                                     .idempotency = body.id<core::IdempotencyId>("idempotency_id"),
                                     .epoch = static_cast<std::uint64_t>(body.integer("epoch", 0)),
                                     .commit = body.binary("commit", kHandshake),
                                     .welcome = body.optional_binary("welcome", kHandshake),
                                     .group_info = body.binary("group_info", kHandshake),
                                     .users_added = body.ids<core::UserId>("user_ids_added", kMostUsers),
                                     .users_removed = body.ids<core::UserId>("user_ids_removed", kMostUsers),
                                     .answers = read_answers(body)};
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto done = delivery.handshakes.commit(context.subject(), request);
  if (!done) return std::unexpected(done.error());
  return json_response({{"sequence", done->sequence}, {"epoch", done->epoch}}, 201);
}

Result<Response> propose(delivery::Delivery& delivery, Context& context) {
  const auto id = context.id<core::ConversationId>("id");
  if (!id) return std::unexpected(id.error());
  JsonReader body(context.request().body);
  const delivery::SendProposal request{.conversation = *id,
                                       .idempotency = body.id<core::IdempotencyId>("idempotency_id"),
                                       .epoch = static_cast<std::uint64_t>(body.integer("epoch", 0)),
                                       .proposal = body.binary("proposal", kMessage)};
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto sequence = delivery.handshakes.propose(context.subject(), request);
  if (!sequence) return std::unexpected(sequence.error());
  return json_response({{"sequence", *sequence}}, 201);
}

Result<Response> join_information(delivery::Delivery& delivery, Context& context) {
  const auto id = context.id<core::ConversationId>("id");
  if (!id) return std::unexpected(id.error());
  const auto found = delivery.handshakes.join_information(context.subject(), *id);
  if (!found) return std::unexpected(found.error());
  return json_response({{"epoch", found->epoch},
                        {"group_info", to_json(ByteView(found->group_info))},
                        {"ratchet_tree", to_json(ByteView(found->ratchet_tree))}});
}

Result<Response> log(delivery::Delivery& delivery, Context& context) {
  const auto id = context.id<core::ConversationId>("id");
  if (!id) return std::unexpected(id.error());
  const auto after = context.query_integer_or(0, "after", 0, std::numeric_limits<std::int64_t>::max());
  if (!after) return std::unexpected(after.error());
  const auto limit = context.query_integer_or(100, "limit", 1, 500);
  if (!limit) return std::unexpected(limit.error());
  const auto page = delivery.conversations.read_log(context.subject(), *id, *after, static_cast<int>(*limit));
  if (!page) return std::unexpected(page.error());
  std::string text = R"({"entries":[)";
  for (const auto& entry : page->entries) {
    if (text.back() == '}') text += ',';
    text += entry_text(*entry);
  }
  text += R"(],"last_sequence":)" + std::to_string(page->last_sequence) + "}";
  return json_text_response(std::move(text));
}

void receipt(delivery::Delivery& delivery, const std::shared_ptr<Context>& context, Reply reply) {
  const auto id = context->id<core::ConversationId>("id");
  if (!id) return reply(std::unexpected(id.error()));
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  JsonReader body(context->request().body);
  const delivery::ReceiptMarks marks{
      .delivered = body.optional_integer("delivered", 0, kMost).value_or(0),
      .read = body.optional_integer("read", 0, kMost).value_or(0),
      .acknowledged = body.optional_integer("acknowledged", 0, kMost).value_or(0)};
  if (auto ok = body.finish(); !ok) return reply(std::unexpected(ok.error()));
  const auto answer = std::make_shared<Reply>(std::move(reply));
  const auto queued =
      delivery.receipts.record(context->subject(), *id, marks, [answer](core::Result<void> done) {
        if (!done) return (*answer)(std::unexpected(std::move(done.error())));
        (*answer)(no_content());
      });
  if (!queued) (*answer)(std::unexpected(queued.error()));
}

Result<Response> report(delivery::Delivery& delivery, Context& context) {
  const auto id = context.id<core::ConversationId>("id");
  if (!id) return std::unexpected(id.error());
  JsonReader body(context.request().body);
  const auto sequence = body.integer("sequence", 1);
  body.choice<int>("reason", {{"cannot-process-commit", 0}});
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  if (auto done = delivery.handshakes.report(context.subject(), *id, sequence); !done)
    return std::unexpected(done.error());
  return json_response({}, 202);
}

Result<Response> decide(delivery::Delivery& delivery, Context& context) {
  JsonReader body(context.request().body);
  const auto users = body.ids<core::UserId>("user_ids", kMostUsers);
  const auto patient = body.optional_id<core::PatientId>("patient_id");
  read_priority(body);
  if (body.has("reason")) {
    return fail(ErrorKind::invalid, "invalid-field",
                "\"reason\" goes with the call that begins the conversation or adds people to it, in "
                "\"confirmed\". If "
                "you are using a program of ours, it is too old for the server: update it.");
  }
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto answer = delivery.send_decision.decide(context.subject(), users, patient);
  if (!answer) return std::unexpected(answer.error());
  json::array obligations;
  for (const policy::Obligation& duty : answer->obligations) {
    json::object item{{"kind", policy::name_of(duty.kind)}, {"text", duty.text}};
    if (duty.user) item["user_id"] = to_json(*duty.user);
    obligations.push_back(std::move(item));
  }
  json::object shown{{"permit", answer->permit}, {"obligations", std::move(obligations)}};
  if (answer->denied) {
    shown["denied"] = json::object{{"code", answer->denied->code}, {"text", answer->denied->detail}};
  }
  return json_response(shown);
}

/// A handler of `delivery` and a context, as the router takes it.
Handler with(delivery::Delivery& delivery, Result<Response> (*handle)(delivery::Delivery&, Context&)) {
  return [&delivery, handle](Context& context) { return handle(delivery, context); };
}

AsyncHandler with(delivery::Delivery& delivery,
                  void (*handle)(delivery::Delivery&, const std::shared_ptr<Context>&, Reply)) {
  return [&delivery, handle](const std::shared_ptr<Context>& context, Reply reply) {
    handle(delivery, context, std::move(reply));
  };
}

}  // namespace

void add_conversation_routes(Router& router, delivery::Delivery& delivery) {
  const std::string one = "/v1/conversations/{id}";
  router.add<Action::send_decide>(Method::post, "/v1/send-decision", with(delivery, decide));
  router.add<Action::conversation_create>(Method::post, "/v1/conversations", with(delivery, create),
                                          kHandshakeRoute);
  router.add<Action::conversation_list>(Method::get, "/v1/conversations", with(delivery, list));
  router.add<Action::conversation_read>(Method::get, one, [&delivery](Context& context) -> Result<Response> {
    const auto id = context.id<core::ConversationId>("id");
    if (!id) return std::unexpected(id.error());
    return show(delivery, context, *id);
  });
  router.add_async<Action::message_send>(Method::post, one + "/messages", with(delivery, send),
                                         {.body_limit = 512U << 10});
  router.add<Action::commit_send>(Method::post, one + "/commits", with(delivery, commit), kHandshakeRoute);
  router.add<Action::proposal_send>(Method::post, one + "/proposals", with(delivery, propose));
  router.add<Action::group_info_read>(Method::get, one + "/group-info", with(delivery, join_information));
  router.add<Action::conversation_read>(Method::get, one + "/log", with(delivery, log));
  router.add_async<Action::receipt_send>(Method::post, one + "/receipts", with(delivery, receipt));
  router.add<Action::delivery_report>(Method::post, one + "/reports", with(delivery, report));
}

void add_delivery_service_route(Router& router, delivery::Delivery& delivery, Bytes device_ca,
                                const files::Limits& files, std::string_view device_log_key) {
  const json::object about{
      {"external_sender", to_json(ByteView(tls::encode(delivery.groups.external_sender())))},
      {"device_ca", to_json(ByteView(device_ca))},
      {"device_log_key", device_log_key},
      {"cipher_suite", static_cast<int>(delivery::kCipherSuite)},
      {"max_members", delivery::kMostMembers},
      {"max_message_bytes", kMessage.most},
      {"files", json::object{{"max_bytes", files.largest_bytes}, {"part_bytes", files::kLargestPart}}}};
  router.add<Action::delivery_service_read>(
      Method::get, "/v1/delivery-service",
      [about](Context&) -> Result<Response> { return json_response(about); });
}

}  // namespace wardline::http
