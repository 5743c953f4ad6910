// One HTTP/1.1 connection: handshake, request after request, each deadline and limit on the way.
#pragma once

#include <memory>
#include <string>

#include "server/net/impl/loop.h"
#include "server/net/impl/request_parser.h"

namespace wardline::net {

class HttpConnection final : public Connection {
 public:
  HttpConnection(Loop& loop, Stream stream, const Address& peer);
  ~HttpConnection() override;

  void start();
  void tick(TimePoint now) override;
  void drain() override;
  void cut() override;

 private:
  enum class State : std::uint8_t {
    handshaking,
    idle,  ///< Between requests.
    reading_head,
    reading_body,
    deciding_socket,  ///< The service thinks about an upgrade.
    serving,
    writing,
    lingering,  ///< All is said; what the peer still sends is thrown away, so that it gets to read our
                ///< answer.
    ended,
  };
  class Pending;

  std::shared_ptr<HttpConnection> self() {
    return std::static_pointer_cast<HttpConnection>(shared_from_this());
  }
  const Limits& limits() const { return loop_.shared().settings.limits; }
  void enter(State state, std::chrono::milliseconds allowed);
  void wait(Stream::Status status);
  void on_ready();

  void handshake();
  void advance();
  void parse();
  void on_head();
  bool reserve_body();
  void serve();
  void decide_socket();
  void upgrade(OpenSocket opened);
  void refuse(Fault fault);
  void answer(Response response);
  void write();
  void after_answer();
  void linger();
  void end();

  void release_request();

  Loop& loop_;
  Stream stream_;
  const Address peer_;
  State state_ = State::handshaking;
  bool keep_alive_ = true;
  bool head_only_ = false;   ///< The request was HEAD.
  bool advancing_ = false;   ///< Inside `advance`, which goes on by itself.
  bool hungry_ = true;       ///< What is in `input_` is not enough to get on.
  bool in_service_ = false;  ///< Inside a call of the service: its answer waits until the call is over.
  bool counted_request_ = false;
  TimePoint deadline_;
  std::size_t reserved_body_ = 0;
  std::unique_ptr<RequestParser> parser_;
  std::string input_;  ///< Read and not yet parsed.
  std::unique_ptr<std::variant<Response, OpenSocket>> early_answer_;
  std::string upgrade_key_;

  std::unique_ptr<Response> response_;
  std::string out_;  ///< Head, and the beginning of the content.
  std::size_t out_sent_ = 0;
  std::size_t content_sent_ = 0;
  std::size_t lingered_ = 0;
};

}  // namespace wardline::net
