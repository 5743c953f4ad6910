#include "server/net/impl/http_connection.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include "lib/bytes/secret_bytes.h"
#include "server/net/impl/response_head.h"
#include "server/net/impl/socket_connection.h"
#include "server/net/impl/websocket_frames.h"

namespace wardline::net {
namespace {

constexpr std::size_t kRecord = 16 * 1024;  // One TLS record.
constexpr std::size_t kMostLingered = 1024 * 1024;
constexpr auto kLinger = std::chrono::seconds(2);
// Longer than any handler takes; a request that is lost on the way must not hold its connection for ever.
constexpr auto kServing = std::chrono::minutes(5);

}  // namespace

/// The promise to answer one request. Whoever drops it without a word answers 500. While there is one, the
/// server is not taken down.
class HttpConnection::Pending {
 public:
  explicit Pending(std::shared_ptr<HttpConnection> connection)
      : connection_(std::move(connection)), shared_(&connection_->loop_.shared()) {
    ++shared_->promises;
  }
  Pending(Pending&& other) noexcept
      : connection_(std::move(other.connection_)), shared_(std::exchange(other.shared_, nullptr)) {}
  ~Pending() {
    if (!shared_) return;
    if (connection_) settle(shared_->service.explain(Fault::dropped));
    --shared_->promises;
  }

  void settle(std::variant<Response, OpenSocket> outcome) {
    const auto connection = std::exchange(connection_, nullptr);
    if (!connection) return;
    auto& context = connection->loop_.context();
    asio::dispatch(context, [connection, outcome = std::move(outcome)]() mutable {
      if (connection->in_service_) {
        connection->early_answer_ = std::make_unique<std::variant<Response, OpenSocket>>(std::move(outcome));
      } else if (auto* response = std::get_if<Response>(&outcome)) {
        connection->answer(std::move(*response));
      } else {
        connection->upgrade(std::move(std::get<OpenSocket>(outcome)));
      }
    });
  }

 private:
  std::shared_ptr<HttpConnection>
      connection_;  ///< Shared with the network thread, where it may end any time.
  Shared* shared_;
};

HttpConnection::HttpConnection(Loop& loop, Stream stream, const Address& peer)
    : loop_(loop), stream_(std::move(stream)), peer_(peer) {}

HttpConnection::~HttpConnection() {
  release_request();
  if (state_ != State::ended) loop_.shared().leave(peer_.network());
}

void HttpConnection::start() {
  enter(State::handshaking, limits().handshake);
  handshake();
}

void HttpConnection::enter(State state, std::chrono::milliseconds allowed) {
  state_ = state;
  deadline_ = SteadyClock::now() + allowed;
}

void HttpConnection::wait(Stream::Status status) {
  stream_.when_ready(status, [connection = self()](const boost::system::error_code& error) {
    if (connection->state_ == State::ended) return;
    if (error) return connection->end();
    connection->on_ready();
  });
}

void HttpConnection::on_ready() {
  switch (state_) {
    case State::handshaking:
      return handshake();
    case State::idle:
    case State::reading_head:
    case State::reading_body:
      return advance();
    case State::writing:
      return write();
    case State::lingering:
      return linger();
    case State::deciding_socket:
    case State::serving:
    case State::ended:
      return;
  }
}

void HttpConnection::handshake() {
  const auto outcome = stream_.handshake();
  switch (outcome.status) {
    case Stream::Status::done:
      enter(State::idle, limits().header);  // The first request comes at once or not at all.
      return advance();
    case Stream::Status::wants_read:
    case Stream::Status::wants_write:
      return wait(outcome.status);
    default:
      ++loop_.shared().handshakes_failed;
      return end();
  }
}

// Reads, parses and serves until it has to wait for the peer, for the service, or for its turn. A loop, and
// not calls that call each other: a peer that sends byte by byte must not be able to fill the stack.
void HttpConnection::advance() {
  if (advancing_) return;
  advancing_ = true;
  const auto keep = self();
  int turns = 64;
  while (state_ == State::idle || state_ == State::reading_head || state_ == State::reading_body) {
    if (--turns == 0) {
      asio::post(loop_.context(), [connection = self()] { connection->advance(); });
      break;
    }
    if (!hungry_) {
      parse();
      continue;
    }
    const auto outcome = stream_.read(loop_.read_buffer());
    if (outcome.status == Stream::Status::done) {
      input_.append(reinterpret_cast<const char*>(loop_.read_buffer().data()), outcome.bytes);
      wipe(loop_.read_buffer().first(outcome.bytes));  // It lives as long as the thread.
      hungry_ = false;
      continue;
    }
    if (outcome.status == Stream::Status::wants_read || outcome.status == Stream::Status::wants_write)
      wait(outcome.status);
    else
      end();
    break;
  }
  advancing_ = false;
}

void HttpConnection::parse() {
  if (state_ == State::idle) {
    enter(State::reading_head, limits().header);
    parser_ = std::make_unique<RequestParser>(limits().header_bytes);
  }
  std::size_t taken = 0;
  const auto step = parser_->parse(input_, taken);
  input_.erase(0, taken);
  hungry_ = input_.empty();
  switch (step) {
    case RequestParser::Step::failed:
      ++loop_.shared().requests_malformed;
      return refuse(parser_->fault());
    case RequestParser::Step::complete:
      return serve();
    case RequestParser::Step::head:
      return on_head();
    case RequestParser::Step::needs_more:
      hungry_ = true;
      if (state_ == State::reading_head && input_.size() > limits().header_bytes)
        refuse(Fault::header_too_large);
  }
}

void HttpConnection::on_head() {
  auto& shared = loop_.shared();
  ++shared.requests;
  keep_alive_ = parser_->keep_alive() && !loop_.is_draining();
  RequestHead& head = parser_->head();
  head.peer = peer_;
  head_only_ = head.method == Method::head;
  counted_request_ = true;
  if (shared.requests_in_flight.fetch_add(1) >= limits().requests_in_flight) return refuse(Fault::overloaded);

  auto admission = shared.service.admit(head);
  if (auto* refusal = std::get_if<Refuse>(&admission)) {
    if (parser_->has_body()) keep_alive_ = false;  // Its body will not be read.
    return answer(std::move(refusal->response));
  }
  if (std::holds_alternative<DecideSocket>(admission)) return decide_socket();
  if (!parser_->has_body()) return serve();

  const std::size_t limit = std::get<ReadBody>(admission).limit;
  const auto length = parser_->content_length();
  if (length && *length > limit) return refuse(Fault::body_too_large);
  reserved_body_ = length ? static_cast<std::size_t>(*length) : limit;
  if (!reserve_body()) return refuse(Fault::overloaded);
  parser_->allow_body(limit);
  // A second for each 16 KB: slower than any ward's network, faster than anybody who only wants to hold a
  // connection.
  enter(State::reading_body, limits().body + std::chrono::milliseconds(reserved_body_ / 16));
  if (parser_->expects_continue() && input_.empty()) stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
}

bool HttpConnection::reserve_body() {
  auto& buffered = loop_.shared().buffered_body_bytes;
  if (buffered.fetch_add(reserved_body_) + reserved_body_ <= limits().buffered_body_bytes) return true;
  buffered -= reserved_body_;
  reserved_body_ = 0;
  return false;
}

void HttpConnection::serve() {
  enter(State::serving, kServing);
  Request request{std::move(parser_->head()), parser_->take_body()};
  parser_.reset();
  in_service_ = true;
  loop_.shared().service.serve(std::move(request), [pending = Pending(self())](Response response) mutable {
    pending.settle(std::move(response));
  });
  in_service_ = false;
  if (const auto early = std::exchange(early_answer_, nullptr)) answer(std::move(std::get<Response>(*early)));
}

void HttpConnection::decide_socket() {
  RequestHead head = std::move(parser_->head());
  if (head.field("sec-websocket-version") != "13") {
    Response response = loop_.shared().service.explain(Fault::upgrade_required);
    response.set("sec-websocket-version", "13");
    return answer(std::move(response));
  }
  upgrade_key_ = accept_key(head.field("sec-websocket-key").value_or(""));
  if (upgrade_key_.empty() || parser_->has_body()) return refuse(Fault::malformed);
  parser_.reset();
  enter(State::deciding_socket, kServing);
  in_service_ = true;
  loop_.shared().service.decide_socket(std::move(head), [pending = Pending(self())](auto outcome) mutable {
    if (auto* response = std::get_if<Response>(&outcome))
      pending.settle(std::move(*response));
    else
      pending.settle(std::move(std::get<OpenSocket>(outcome)));
  });
  in_service_ = false;
  if (const auto early = std::exchange(early_answer_, nullptr)) {
    if (auto* response = std::get_if<Response>(early.get())) return answer(std::move(*response));
    upgrade(std::move(std::get<OpenSocket>(*early)));
  }
}

// From here on the socket connection owns the stream and the place in the limits.
void HttpConnection::upgrade(OpenSocket opened) {
  if (state_ == State::ended) return;
  if (loop_.is_draining()) return refuse(Fault::overloaded);
  release_request();
  const auto keep = self();
  loop_.remove(*this);
  state_ = State::ended;
  auto socket =
      std::make_shared<SocketConnection>(loop_, std::move(stream_), peer_, std::move(opened.handler));
  loop_.add(socket);
  socket->start(upgrade_response(upgrade_key_, opened.protocol), std::move(input_));
}

void HttpConnection::refuse(Fault fault) {
  keep_alive_ = false;
  answer(loop_.shared().service.explain(fault));
}

void HttpConnection::answer(Response response) {
  if (state_ == State::ended) return;
  if (loop_.is_draining()) keep_alive_ = false;
  response_ = std::make_unique<Response>(std::move(response));
  out_.clear();
  append_response_head(out_, *response_, {.date = loop_.date(), .keep_alive = keep_alive_});
  content_sent_ = head_only_ ? response_->content().size() : 0;
  out_sent_ = 0;
  // The beginning of the content travels in the same record as the head.
  if (!head_only_ && out_.size() < kRecord) {
    const auto first = response_->content().substr(0, kRecord - out_.size());
    out_ += first;
    content_sent_ = first.size();
  }
  enter(State::writing, limits().write);
  write();
}

void HttpConnection::write() {
  const std::string_view content = response_->content();
  while (out_sent_ < out_.size() || content_sent_ < content.size()) {
    const bool in_head = out_sent_ < out_.size();
    const auto piece =
        in_head ? std::string_view(out_).substr(out_sent_) : content.substr(content_sent_, kRecord);
    const auto outcome = stream_.write(piece);
    if (outcome.status == Stream::Status::wants_read || outcome.status == Stream::Status::wants_write)
      return wait(outcome.status);
    if (outcome.status != Stream::Status::done) return end();
    (in_head ? out_sent_ : content_sent_) += outcome.bytes;
    deadline_ = SteadyClock::now() + limits().write;
  }
  after_answer();
}

void HttpConnection::after_answer() {
  release_request();
  response_.reset();
  parser_.reset();
  out_ = std::string();
  if (!keep_alive_) {
    stream_.finish_sending();
    enter(State::lingering, kLinger);
    return linger();
  }
  enter(State::idle, limits().idle);
  hungry_ = input_.empty();
  if (hungry_) input_ = std::string();  // An idle connection keeps no buffer.
  advance();
}

// RFC 9112 §9.6: closing with unread bytes resets the connection, and the peer might lose our answer.
void HttpConnection::linger() {
  while (lingered_ < kMostLingered) {
    const auto outcome = stream_.read(loop_.read_buffer());
    if (outcome.status == Stream::Status::wants_read) return wait(outcome.status);
    if (outcome.status != Stream::Status::done) break;
    lingered_ += outcome.bytes;
  }
  end();
}

void HttpConnection::release_request() {
  auto& shared = loop_.shared();
  if (std::exchange(counted_request_, false)) --shared.requests_in_flight;
  shared.buffered_body_bytes -= std::exchange(reserved_body_, 0);
}

void HttpConnection::tick(TimePoint now) {
  if (now < deadline_) return;
  const bool between = state_ == State::idle || state_ == State::lingering;
  if (!between) ++loop_.shared().deadlines_missed;
  if (state_ == State::reading_head || state_ == State::reading_body) return refuse(Fault::timed_out);
  end();
}

void HttpConnection::drain() {
  keep_alive_ = false;
  if (state_ != State::idle && state_ != State::handshaking) return;
  stream_.finish_sending();
  end();
}

void HttpConnection::cut() { end(); }

void HttpConnection::end() {
  if (state_ == State::ended) return;
  const auto keep = self();
  state_ = State::ended;
  release_request();
  stream_.close();
  loop_.shared().leave(peer_.network());
  loop_.remove(*this);
}

}  // namespace wardline::net
