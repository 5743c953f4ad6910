// A blocking client for tests: TLS on OpenSSL, HTTP and WebSocket frames put together by hand, so that it can
// also send what no proper client would.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace wardline::net::testing {

struct ClientOptions {
  bool tls = true;
  int least_version = TLS1_2_VERSION;
  int most_version = TLS1_3_VERSION;
  const char* ciphers = nullptr;  ///< For TLS 1.2 and below.
  std::string_view alpn = "\x08http/1.1";
  SSL_SESSION* session = nullptr;  ///< To resume.
  int timeout_ms = 5'000;
  bool handshake = true;
  SSL_CTX* context = nullptr;  ///< To share: thousands of clients need not each have their own.
};

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
  std::string field(std::string name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

struct Frame {
  int opcode = -1;  ///< -1: the connection ended.
  std::string payload;
  int close_code() const {
    return payload.size() < 2
               ? 0
               : static_cast<std::uint8_t>(payload[0]) << 8 | static_cast<std::uint8_t>(payload[1]);
  }
};

class Client {
 public:
  explicit Client(std::uint16_t port, const ClientOptions& options = {}) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    set_timeout(options.timeout_ms);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    if (!connected_ || !options.tls) return;
    if (options.context) SSL_CTX_up_ref(options.context);
    context_ = options.context ? options.context : new_context(options);
    ssl_ = SSL_new(context_);
    if (!options.alpn.empty())
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(options.alpn.data()),
                          static_cast<unsigned>(options.alpn.size()));
    if (options.session) SSL_set_session(ssl_, options.session);
    SSL_set_fd(ssl_, fd_);
    if (options.handshake) secure_ = SSL_connect(ssl_) == 1;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    if (ssl_) SSL_free(ssl_);
    if (context_) SSL_CTX_free(context_);
    ::close(fd_);
  }

  bool connected() const { return connected_; }
  bool secure() const { return secure_; }
  SSL* ssl() { return ssl_; }
  int fd() const { return fd_; }
  std::string version() const { return SSL_get_version(ssl_); }
  std::string cipher() const { return SSL_get_cipher_name(ssl_); }
  void set_timeout(int milliseconds) {
    const timeval time{.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
  }

  bool send(std::string_view data) {
    while (!data.empty()) {
      const auto sent = ssl_ ? SSL_write(ssl_, data.data(), static_cast<int>(data.size()))
                             : static_cast<int>(::send(fd_, data.data(), data.size(), MSG_NOSIGNAL));
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// False at the end of the connection, or when nothing comes in time.
  bool receive_more() {
    char buffer[16384];
    errno = 0;
    const auto got = ssl_ ? SSL_read(ssl_, buffer, sizeof(buffer))
                          : static_cast<int>(::recv(fd_, buffer, sizeof(buffer), 0));
    if (got > 0) received_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }
  /// True if the server ended the connection within the time-out, whatever it sent before.
  bool is_closed_by_server() {
    while (receive_more()) {
    }
    return errno != EAGAIN && errno != EWOULDBLOCK;
  }
  bool take(std::size_t count, std::string& into) {
    while (received_.size() < count)
      if (!receive_more()) return false;
    into = received_.substr(0, count);
    received_.erase(0, count);
    return true;
  }

  /// Status 0 where no whole answer comes.
  Answer read_answer(bool head_only = false) {
    Answer answer;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
      if (!receive_more()) return {};
    answer.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    const std::string length = answer.field("content-length");
    if (!head_only && !length.empty() && !take(std::stoul(length), answer.body)) answer.status = 0;
    return answer;
  }
  Answer request(std::string_view text) { return send(text) ? read_answer() : Answer(); }
  Answer get(const std::string& path, const std::string& fields = "") {
    return request("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
  }
  Answer post(const std::string& path, const std::string& body, const std::string& fields = "") {
    return request("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body);
  }

  Answer upgrade(const std::string& path, const std::string& fields = "") {
    return get(path,
               "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                   fields);
  }
  static std::string frame(int first_byte, std::string payload, bool masked = true) {
    std::string frame(1, static_cast<char>(first_byte));
    const char mask_bit = masked ? '\x80' : '\0';
    if (payload.size() < 126) {
      frame += static_cast<char>(payload.size() | static_cast<std::uint8_t>(mask_bit));
    } else {
      const int bytes = payload.size() < 65536 ? 2 : 8;
      frame += static_cast<char>((bytes == 2 ? 126 : 127) | static_cast<std::uint8_t>(mask_bit));
      for (int i = bytes - 1; i >= 0; --i) frame += static_cast<char>(payload.size() >> (8 * i));
    }
    if (masked) {
      static constexpr char mask[] = {'\x12', '\x34', '\x56', '\x78'};
      frame.append(mask, 4);
      for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    }
    return frame + payload;
  }
  bool send_text(const std::string& text) { return send(frame(0x81, text)); }
  Frame read_frame() {
    std::string bytes;
    if (!take(2, bytes)) return {};
    Frame result{.opcode = bytes[0] & 0x0f, .payload = {}};
    std::size_t size = bytes[1] & 0x7f;
    if (size >= 126) {
      const std::size_t count = size == 126 ? 2 : 8;
      if (!take(count, bytes)) return {};
      size = 0;
      for (const char byte : bytes) size = size << 8 | static_cast<std::uint8_t>(byte);
    }
    if (!take(size, result.payload)) return {};
    return result;
  }

  static SSL_CTX* new_context(const ClientOptions& options) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_min_proto_version(context, options.least_version);
    SSL_CTX_set_max_proto_version(context, options.most_version);
    if (options.ciphers) SSL_CTX_set_cipher_list(context, options.ciphers);
    return context;
  }

 private:
  int fd_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
  bool secure_ = false;
  std::string received_;
};

}  // namespace wardline::net::testing
