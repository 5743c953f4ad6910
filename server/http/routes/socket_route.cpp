#include "server/http/routes/socket_route.h"

#include <atomic>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "server/http/json_reader.h"
#include "server/http/problem.h"
#include "server/http/routes/delivery_json.h"
#include "server/http/routes/device_line.h"

namespace wardline::http {
namespace {

using net::MessageKind;

constexpr Length kMessage{.least = 1, .most = 256U << 10};
constexpr std::size_t kMostCursors = 20'000;
constexpr auto kMost = std::numeric_limits<std::int64_t>::max();

/// Where a feed sends.
class LineSink final : public delivery::FeedSink {
 public:
  LineSink(std::shared_ptr<DeviceLine> line, core::DeviceId device)
      : line_(std::move(line)), device_(device) {}

  bool deliver(const delivery::LogEntryPtr& entry) override {
    return line_->deliver(entry_frame(entry, device_));
  }

  void notify(const delivery::Notice& notice) override {
    if (std::holds_alternative<delivery::TypingNotice>(notice)) return line_->mention(notice_frame(notice));
    line_->say(notice_frame(notice));
    if (std::holds_alternative<delivery::SessionEndedNotice>(notice)) {
      line_->close(net::CloseCode::session_ended, "session ended");
    }
  }

  void give_up() override {
    line_->close(net::CloseCode::try_again_later, "The log cannot be read for the moment.");
  }

 private:
  const std::shared_ptr<DeviceLine> line_;
  const core::DeviceId device_;
};

class DeviceSocket final : public net::SocketHandler {
 public:
  /// Outlives the handler as long as a task or an answer is under way.
  struct Shared {
    delivery::Delivery& delivery;
    Authenticator& authenticator;
    delivery::RunLater run_later;
    delivery::Feed::Owner owner;
    identity::SessionKey session;
    net::Address peer;
    RequestId request_id;
    std::shared_ptr<DeviceLine> line = {};
    delivery::FeedPtr feed = {};
    std::atomic<bool> greeted = false;
  };
  using SharedPtr = std::shared_ptr<Shared>;

  explicit DeviceSocket(SharedPtr shared) : shared_(std::move(shared)) {}

  void on_open(std::shared_ptr<net::Socket> socket) override {
    Shared& s = *shared_;
    s.line = std::make_shared<DeviceLine>(std::move(socket));
    s.feed = std::make_shared<delivery::Feed>(
        s.owner, std::make_unique<LineSink>(s.line, s.owner.device),
        [&delivery = s.delivery](core::ConversationId conversation, core::DeviceId device, std::int64_t after,
                                 int limit) {
          return delivery.conversations.read_for_device(conversation, device, after, limit);
        },
        s.run_later);
    s.delivery.hub.connect(s.feed);
  }

  void on_message(MessageKind kind, std::string_view message) override {
    if (kind != MessageKind::text)
      return shared_->line->close(net::CloseCode::unsupported_data, "JSON text frames only");
    // The session is looked at with every frame: signed out or revoked means nothing more is taken, and who
    // has another role now has it in this frame.
    auto now = shared_->authenticator.authenticate_now(shared_->session, shared_->peer);
    if (now) return take(shared_, std::move(*now), message);
    shared_->run_later([shared = shared_, text = std::string(message)] {
      take(shared, shared->authenticator.authenticate(shared->session, shared->peer), text);
    });
  }

  void on_caught_up() override {
    shared_->line->on_caught_up();
    shared_->feed->resume();
  }

  void on_closed(net::CloseCode) override {
    if (shared_->feed) shared_->delivery.hub.disconnect(shared_->feed);
  }

 private:
  static void end_session(Shared& s) { s.feed->on_notice(delivery::SessionEndedNotice{"session-ended"}); }

  static void refuse(const Shared& s, std::optional<std::int64_t> ref, const core::Error& error) {
    json::object frame{{"type", "refused"}, {"problem", json::parse(problem_json(error, s.request_id))}};
    if (ref) frame["ref"] = *ref;
    s.line->say(json::serialize(frame));
  }

  static void take(const SharedPtr& shared, Result<policy::Subject> subject, std::string_view text) {
    if (subject) return handle(shared, std::move(*subject), text);
    if (subject.error().kind == ErrorKind::unauthenticated) return end_session(*shared);
    // A database that does not answer ends nobody's session: the device connects again and sends again.
    shared->line->close(net::CloseCode::try_again_later, "The session cannot be looked up for the moment.");
  }

  static void handle(const SharedPtr& shared, policy::Subject subject, std::string_view text) {
    JsonReader frame(text);
    const auto type = frame.text("type", {.least = 1, .most = 20});
    if (type == "send") return send(shared, std::move(subject), frame);
    if (type == "receipt") return receipt(shared, subject, frame);
    if (type == "hello") return hello(shared, frame);
    if (type == "ping") return pong(*shared, frame);
    if (type == "typing") return typing(*shared, subject, frame);
    if (type.empty()) return refuse(*shared, std::nullopt, frame.finish().error());
    refuse(*shared, std::nullopt,
           {ErrorKind::invalid, "unknown-frame", "There is no frame of this type.", {}});
  }

  static void hello(const SharedPtr& shared, JsonReader& frame) {
    std::unordered_map<core::ConversationId, std::int64_t> cursors;
    for (JsonReader& one : frame.objects("cursors", kMostCursors)) {
      const auto conversation = one.id<core::ConversationId>("conversation_id");
      cursors[conversation] = one.integer("after", 0, kMost);
    }
    if (auto ok = frame.finish(); !ok) return refuse(*shared, std::nullopt, ok.error());
    if (shared->greeted.exchange(true)) {
      return refuse(*shared, std::nullopt,
                    {ErrorKind::invalid, "unknown-frame", "The greeting comes once.", {}});
    }
    shared->run_later([shared, cursors = std::move(cursors)] { follow_all(shared, cursors); });
  }

  static void follow_all(const SharedPtr& shared,
                         const std::unordered_map<core::ConversationId, std::int64_t>& cursors) {
    const auto standings = shared->delivery.conversations.standings(shared->owner.device);
    if (!standings) {
      shared->greeted = false;
      return refuse(*shared, std::nullopt, standings.error());
    }
    for (const auto& standing : *standings) {
      const auto cursor = cursors.find(standing.conversation);
      const std::int64_t after = cursor == cursors.end() ? 0 : cursor->second;
      // Followed first, then caught up: an entry in between is a gap that the feed fills from the log.
      shared->delivery.hub.follow(shared->feed, standing.conversation);
      shared->feed->follow(standing.conversation, std::max(after, standing.joined_sequence),
                           standing.last_sequence);
    }
    shared->feed->when_caught_up([shared] {
      return shared->line->deliver(std::make_shared<const std::string>(
          json::serialize(json::object{{"type", "ready"},
                                       {"device_id", to_json(shared->owner.device)},
                                       {"server_time_at", to_json(core::SystemClock().now())}})));
    });
  }

  static void send(const SharedPtr& shared, policy::Subject subject, JsonReader& frame) {
    const auto ref = frame.integer("ref");
    const auto conversation = frame.id<core::ConversationId>("conversation_id");
    delivery::SendRequest request{.subject = std::move(subject),
                                  .conversation = conversation,
                                  .idempotency = frame.id<core::IdempotencyId>("idempotency_id"),
                                  .epoch = static_cast<std::uint64_t>(frame.integer("epoch", 0)),
                                  .priority = frame.choice<delivery::Priority>(
                                      "priority", {{"routine", delivery::Priority::routine},
                                                   {"urgent", delivery::Priority::urgent},
                                                   {"critical", delivery::Priority::critical}}),
                                  .needs_acknowledgement = frame.boolean("needs_acknowledgement"),
                                  .message = frame.binary("message", kMessage)};
    if (auto ok = frame.finish(); !ok) return refuse(*shared, ref, ok.error());
    const auto queued = shared->delivery.sender.send(
        std::move(request), [shared, ref, conversation](core::Result<delivery::Sent> sent) {
          if (!sent) return refuse(*shared, ref, sent.error());
          shared->line->say(sent_frame(ref, conversation, *sent));
        });
    if (!queued) refuse(*shared, ref, queued.error());
  }

  static void receipt(const SharedPtr& shared, const policy::Subject& subject, JsonReader& frame) {
    const auto conversation = frame.id<core::ConversationId>("conversation_id");
    const delivery::ReceiptMarks marks{
        .delivered = frame.optional_integer("delivered", 0, kMost).value_or(0),
        .read = frame.optional_integer("read", 0, kMost).value_or(0),
        .acknowledged = frame.optional_integer("acknowledged", 0, kMost).value_or(0)};
    if (auto ok = frame.finish(); !ok) return refuse(*shared, std::nullopt, ok.error());
    const auto queued =
        shared->delivery.receipts.record(subject, conversation, marks, [shared](core::Result<void> done) {
          if (!done) refuse(*shared, std::nullopt, done.error());
        });
    if (!queued) refuse(*shared, std::nullopt, queued.error());
  }

  static void typing(const Shared& s, const policy::Subject& subject, JsonReader& frame) {
    const auto conversation = frame.id<core::ConversationId>("conversation_id");
    if (auto ok = frame.finish(); !ok) return refuse(s, std::nullopt, ok.error());
    s.delivery.typing(subject, conversation);
  }

  static void pong(const Shared& s, JsonReader& frame) {
    const auto ref = frame.integer("ref");
    if (auto ok = frame.finish(); !ok) return refuse(s, std::nullopt, ok.error());
    s.line->mention(json::serialize(json::object{{"type", "pong"}, {"ref", ref}}));
  }

  const SharedPtr shared_;
};

}  // namespace

void add_socket_route(Router& router, delivery::Delivery& delivery, Authenticator& authenticator,
                      delivery::RunLater run_later) {
  router.add_socket<policy::Action::socket_open>(
      "/v1/socket",
      [&delivery, &authenticator,
       run_later = std::move(run_later)](Context& context) -> Result<std::unique_ptr<net::SocketHandler>> {
        const policy::Subject& subject = context.subject();
        return std::make_unique<DeviceSocket>(std::make_shared<DeviceSocket::Shared>(
            delivery, authenticator, run_later,
            delivery::Feed::Owner{subject.user, context.device(), subject.session}, context.session_key(),
            context.peer(), context.request_id()));
      });
}

}  // namespace wardline::http
