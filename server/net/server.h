// The network side of wardlined: HTTPS/1.1 and WebSocket on TLS, one event loop per thread, everything
// bounded.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "server/core/error.h"
#include "server/net/message.h"
#include "server/net/socket.h"

namespace wardline::net {

/// Read the body, up to that many bytes, then call `Service::serve`.
struct ReadBody {
  std::size_t limit = 256U << 10;
};
/// Answer at once; the body of the request is not wanted.
struct Refuse {
  Response response;
};
/// Ask `Service::decide_socket`, which may take its time, whether to upgrade.
struct DecideSocket {};
using Admission = std::variant<ReadBody, Refuse, DecideSocket>;

/// Answer 101 and hand the connection to this handler.
struct OpenSocket {
  std::unique_ptr<SocketHandler> handler;
  std::string protocol;  ///< The subprotocol chosen (Sec-WebSocket-Protocol), or empty.
};
/// Told once, from any thread, what to do with an upgrade request.
using AnswerUpgrade = std::move_only_function<void(std::variant<OpenSocket, Response>)>;

/// What the network itself has to say no to, before or after any handler.
enum class Fault : std::uint8_t {
  malformed,         ///< 400: no HTTP/1.1, an ambiguous length, no Host
  timed_out,         ///< 408: header or body too slow
  body_too_large,    ///< 413
  upgrade_required,  ///< 426: a WebSocket version other than 13
  header_too_large,  ///< 431
  dropped,           ///< 500: a handler went away without an answer
  unknown_method,    ///< 501
  overloaded,        ///< 503: too many requests at once
  unknown_version,   ///< 505: not HTTP/1.1
};

/// What the network hands requests to. Called on network threads: must not block.
class Service {
 public:
  virtual ~Service() = default;
  /// With the header only, before any of the body is read.
  virtual Admission admit(const RequestHead& head) = 0;
  virtual void serve(Request request, Respond respond) = 0;
  /// For a well-formed upgrade request that `admit` answered with DecideSocket.
  virtual void decide_socket(RequestHead head, AnswerUpgrade answer) = 0;
  /// The answer for a fault of the request or of the connection.
  virtual Response explain(Fault fault) = 0;
};

/// What each peer and all together may use up.
struct Limits {
  std::size_t header_bytes = 16U << 10;
  std::size_t connections = 20'000;
  std::size_t connections_per_address = 512;  ///< A hospital comes from one address: generous.
  std::size_t requests_in_flight = 4'096;
  std::size_t buffered_body_bytes = 256UL << 20;  ///< Of all requests together.
  std::size_t socket_message_bytes = 256U << 10;
  std::size_t socket_queue_bytes = 1 << 20;
  std::size_t socket_queue_messages = 1'024;
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds header{10'000};      ///< From its first byte to its last.
  std::chrono::milliseconds body{60'000};        ///< At the least; a large body gets a second per 16 KB.
  std::chrono::milliseconds idle{75'000};        ///< Between requests of a kept connection.
  std::chrono::milliseconds write{30'000};       ///< Without the peer taking a single byte.
  std::chrono::milliseconds ping_after{30'000};  ///< Silence on a socket before it is asked.
  std::chrono::milliseconds pong_within{20'000};
  std::chrono::milliseconds close_within{5'000};
  std::chrono::milliseconds tick{250};  ///< How often deadlines are looked at.
};

struct TlsFiles {
  std::string certificate;  ///< PEM: the leaf first, then intermediates.
  std::string key;          ///< PEM, without a passphrase, not readable by others.
  bool fips = false;        ///< ENC-5: require a FIPS provider; fails closed.
};

struct ServerSettings {
  std::string address = "0.0.0.0";
  std::uint16_t port = 8443;  ///< 0: any free one, see `Server::port`.
  unsigned threads = 0;       ///< 0: one for each two processors.
  /// Nothing: plain HTTP, which is allowed on a loopback address only (metrics).
  std::optional<TlsFiles> tls = std::nullopt;
  Limits limits = {};
};

/// Counted since the start. Read from any thread.
struct ServerCounts {
  std::uint64_t connections_open = 0;
  std::uint64_t sockets_open = 0;
  std::uint64_t requests_in_flight = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t handshakes_failed = 0;
  std::uint64_t requests = 0;
  std::uint64_t deadlines_missed = 0;
  std::uint64_t requests_malformed = 0;
};

class Server {
 public:
  /// Drains without patience, and waits for the handlers that still run: each must have answered or dropped
  /// its `Respond`. Handles of sockets may be kept beyond, but not used at the same time.
  virtual ~Server() = default;

  /// Binds and listens; serves once `start` is called. Errors say what to do: a certificate that does not
  /// belong to the key, an address in use, a file that cannot be read.
  static core::Result<std::unique_ptr<Server>> create(const ServerSettings& settings, Service& service);

  virtual void start() = 0;
  virtual std::uint16_t port() const = 0;
  virtual ServerCounts counts() const = 0;
  /// Takes a new certificate and key into use for new connections; keeps the old ones if these do not fit.
  virtual core::Result<void> reload_certificate() = 0;
  /// Stops accepting, lets requests in flight finish, closes sockets with 1001; cuts what is left after
  /// `patience`. Returns when every network thread has ended.
  virtual void drain(std::chrono::milliseconds patience) = 0;
};

}  // namespace wardline::net
