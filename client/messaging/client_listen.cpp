// Listening: the line, kept up; what arrives on it, taken in.
#include <algorithm>
#include <random>
#include <thread>

#include "client/messaging/client.h"

namespace wardline::client {
namespace {

/// Waiting times between attempts: exponential, with jitter, so that many clients do not come back at once.
class Backoff {
 public:
  void reset() { attempt_ = 0; }
  std::chrono::milliseconds next() {
    constexpr int kFirst = 500;
    constexpr int kMost = 30'000;
    const int ceiling = std::min(kMost, kFirst << std::min(attempt_++, 6));
    return std::chrono::milliseconds(std::uniform_int_distribution<int>(kFirst / 2, ceiling)(random_));
  }

 private:
  int attempt_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace

Outcome<std::vector<LineCursor>> Client::cursors() const {
  const auto records = state_.list<ConversationRecord>();
  if (!records) return std::unexpected(records.error());
  std::vector<LineCursor> cursors;
  for (const ConversationRecord& each : *records) {
    if (each.membership == Membership::joined) cursors.push_back({each.id, each.applied});
  }
  return cursors;
}

Outcome<void> Client::settle() {
  for (const std::string& id : log_.conversations_with_lost_commit()) {
    const auto rebased = groups_.rebase_lost(id);
    if (!rebased && rebased.error().is_transient()) return rebased;
  }
  const auto records = state_.list<ConversationRecord>();
  if (!records) return std::unexpected(records.error());
  const bool is_outside = std::ranges::any_of(*records, [&](const ConversationRecord& each) {
    return each.membership == Membership::awaiting && each.closed == Yes::no &&
           std::ranges::any_of(each.members,
                               [&](const Member& member) { return member.user_id == me().user_id; });
  });
  return is_outside ? sync() : tell_marks();
}

void Client::tell_alarm(const Listener& listener) {
  const std::string& alarm = device_log_.alarm();
  const bool is_new = alarm != told_alarm_;
  told_alarm_ = alarm;
  const auto calm = device_log_.calm();
  if (is_new && !calm && listener.on_trouble) listener.on_trouble(calm.error());
}

LineEvents Client::line_events(const Listener& listener) {
  return {.on_ready = listener.on_ready,
          .on_entries =
              [this](const std::vector<Entry>& entries) {
                return log_.arrived(entries.front().conversation_id, entries);
              },
          .on_welcome = [this]() -> Outcome<void> {
            const auto joined = joining_.join_by_welcomes();
            if (!joined) return std::unexpected(joined.error());
            for (const std::string& id : *joined) {
              if (auto caught_up = log_.catch_up(id); !caught_up) return caught_up;
            }
            return {};
          },
          .on_behind = [this] { return sync(); },
          .on_quiet =
              [this, &listener] {
                tell_alarm(listener);
                return settle();
              }};
}

Outcome<void> Client::listen(const Listener& listener) {
  stopping_ = false;
  log_.on_message([this, &listener](const Message& message) {
    if (listener.on_message && !stopping_) listener.on_message(message);
  });
  const auto trouble = [&](const Error& error) {
    if (listener.on_trouble) listener.on_trouble(error);
  };
  Backoff backoff;
  while (!stopping_) {
    std::optional<Error> error;
    const auto synced = sync();
    tell_alarm(listener);
    if (!synced) {
      error = synced.error();
      if (!error->is_transient() && error->status != 401) return synced;
    } else if (const auto from = cursors(); !from) {
      return std::unexpected(from.error());
    } else if (!stopping_) {
      LiveLine line(access_.tls(), line_events(listener));
      line_ = &line;
      const auto end = line.run(access_.https().url(), access_.https().cookie(), *from);
      line_ = nullptr;
      if (end.was_ready) backoff.reset();
      error = end.trouble;
      if (!error && end.session_ended) error = Error("session-ended", "The server ended the session.", 401);
    }
    if (stopping_) break;
    if (error && error->status == 401) {
      if (auto renewed = access_.renew(); !renewed && !renewed.error().is_transient()) return renewed;
    }
    trouble(error.value_or(Error("no-connection", "The line is gone; trying again.")));
    std::this_thread::sleep_for(backoff.next());
  }
  log_.on_message(nullptr);
  return {};
}

void Client::stop() {
  stopping_ = true;
  if (line_) line_->stop();
}

}  // namespace wardline::client
