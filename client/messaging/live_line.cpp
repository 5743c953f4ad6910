#include "client/messaging/live_line.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wardline::client {
namespace {

constexpr std::chrono::seconds kLook{20};
constexpr int kMostSilentLooks = 3;
constexpr std::chrono::milliseconds kQuiet{150};

}  // namespace

struct LiveLine::Loop {
  boost::asio::io_context context;
  boost::asio::steady_timer watch{context};
  boost::asio::steady_timer quiet{context};
};

LiveLine::LiveLine(boost::asio::ssl::context& tls, LineEvents events)
    : loop_(std::make_unique<Loop>()), tls_(tls), events_(std::move(events)) {}
LiveLine::~LiveLine() = default;

void LiveLine::stop() { loop_->context.stop(); }

LiveLine::End LiveLine::run(const ServerUrl& url, const std::string& cookie,
                            const std::vector<LineCursor>& cursors) {
  socket_ =
      DeviceSocket::open(loop_->context, tls_, url, cookie,
                         {.on_text = [this](std::string_view text) { take(text); },
                          .on_closed =
                              [this](std::string_view why) {
                                after(failed("no-connection", "The line is gone: " + std::string(why) + "."));
                              }});
  socket_->send(hello_frame(cursors));
  watch();
  loop_->context.run();
  socket_.reset();
  return std::move(end_);
}

/// A line that is half gone says nothing: without any frame for a minute it is given up.
void LiveLine::watch() {
  loop_->watch.expires_after(kLook);
  loop_->watch.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    silent_looks_ = heard_ ? 0 : silent_looks_ + 1;
    heard_ = false;
    if (silent_looks_ >= kMostSilentLooks) return stop();
    socket_->send(ping_frame(++pings_));
    watch();
  });
}

void LiveLine::settle_soon() {
  if (std::exchange(quiet_is_set_, true)) return;
  loop_->quiet.expires_after(kQuiet);
  loop_->quiet.async_wait([this](boost::system::error_code cancelled) {
    quiet_is_set_ = false;
    if (!cancelled) after(events_.on_quiet());
  });
}

void LiveLine::take(std::string_view text) {
  heard_ = true;
  const auto answer = Answer::parse(text);
  const auto type = answer ? answer->read([](Fields f) { return f.text("type"); })
                           : std::expected<std::string, HttpError>(std::unexpected(answer.error()));
  if (!type) return after(failed(type));
  const auto entry = *type != "entry" ? std::nullopt : std::optional(answer->read(read_entry));
  if (entry && !*entry) return after(failed(*entry));
  if (entry) {
    after(events_.on_entries({**entry}));
    return settle_soon();
  }
  (void)answer->read([&](Fields f) {
    dispatch(*type, f);
    return 0;
  });
}

void LiveLine::dispatch(const std::string& type, Fields fields) {
  if (type == "ready") {
    end_.was_ready = true;
    if (events_.on_ready) events_.on_ready();
  } else if (type == "welcome") {
    after(events_.on_welcome());
    settle_soon();
  } else if (type == "behind") {
    after(events_.on_behind());
    settle_soon();
  } else if (type == "refused") {
    // All that a line says is its greeting: without that nothing comes.
    const Fields problem = fields.object("problem");
    const std::string name = problem.text("type");
    after(failed(name.substr(name.rfind(':') + 1), problem.text("detail")));
  } else if (type == "session-ended") {
    end_.session_ended = true;
    stop();
  }
}

void LiveLine::after(const Outcome<void>& outcome) {
  if (outcome) return;
  if (!end_.trouble) end_.trouble = outcome.error();
  stop();
}

}  // namespace wardline::client
