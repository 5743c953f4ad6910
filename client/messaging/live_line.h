// One connection of the device socket: what arrives on it goes into the logs, until it ends.
#pragma once

#include <map>
#include <set>

#include "client/messaging/line_frames.h"
#include "client/net/device_socket.h"

namespace wardline::client {

/// What a line needs done.
struct LineEvents {
  std::function<void()> on_ready;
  std::function<Outcome<void>(const std::vector<Entry>&)> on_entries;  ///< of one conversation, in order
  std::function<Outcome<void>()> on_welcome;
  std::function<Outcome<void>()> on_behind;  ///< something that is no entry was left out: ask for what is new
  std::function<Outcome<void>()> on_quiet;   ///< after what came was taken in
};

class LiveLine {
 public:
  struct End {
    bool was_ready = false;        ///< it worked for a while: try again soon
    bool session_ended = false;    ///< the server ended the session
    std::optional<Error> trouble;  ///< what could not be taken in
  };

  LiveLine(boost::asio::ssl::context& tls, LineEvents events);
  ~LiveLine();

  /// Connects, greets with the cursors, and blocks until the line is gone.
  End run(const ServerUrl& url, const std::string& cookie, const std::vector<LineCursor>& cursors);
  /// Ends `run` from within an event.
  void stop();

 private:
  struct Loop;
  void take(std::string_view text);
  void dispatch(const std::string& type, Fields fields);
  void after(const Outcome<void>& outcome);
  void watch();
  void settle_soon();

  std::unique_ptr<Loop> loop_;
  boost::asio::ssl::context& tls_;
  LineEvents events_;
  std::shared_ptr<DeviceSocket> socket_;
  bool quiet_is_set_ = false;
  bool heard_ = false;  // Since the last look.
  int silent_looks_ = 0;
  std::int64_t pings_ = 0;
  End end_;
};

}  // namespace wardline::client
