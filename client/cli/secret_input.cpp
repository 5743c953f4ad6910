#include "client/cli/secret_input.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace wardline::cli {

using client::failed;
using client::Outcome;

namespace {

constexpr std::size_t kMostSecret = 4096;
constexpr std::size_t kMostInput = 1 << 20;

/// Up to the end of the line; byte by byte, so that what follows stays for the next question.
Outcome<SecretBytes> read_line(int file) {
  Bytes line;
  line.reserve(kMostSecret);  // Grows nowhere: no copy stays behind.
  for (;;) {
    std::uint8_t byte = 0;
    const auto got = ::read(file, &byte, 1);
    if (got < 0) return failed("no-secret", "The open file for a secret cannot be read.");
    if (got == 0 || byte == '\n') break;
    if (line.size() == kMostSecret) return failed("no-secret", "The secret is too long.");
    line.push_back(byte);
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return SecretBytes(std::move(line));
}

class WithoutEcho {
 public:
  explicit WithoutEcho(int terminal) : terminal_(terminal) {
    known_ = ::tcgetattr(terminal_, &before_) == 0;
    if (!known_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(terminal_, TCSAFLUSH, &quiet);
  }
  ~WithoutEcho() {
    if (known_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
  int terminal_;
  termios before_{};
  bool known_ = false;
};

Outcome<SecretBytes> ask_terminal(const std::string& prompt) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) return failed("no-secret", prompt + " is needed, and nobody can be asked.");
  const std::string text = prompt + ": ";
  (void)!::write(terminal, text.data(), text.size());
  auto line = [&] {
    const WithoutEcho quiet(terminal);
    return read_line(terminal);
  }();
  (void)!::write(terminal, "\n", 1);
  ::close(terminal);
  return line;
}

}  // namespace

Outcome<SecretBytes> ask_secret(const SecretQuestion& question) {
  if (const char* value = std::getenv(question.variable.c_str())) return SecretBytes(as_bytes(value));
  const std::string by_file = question.variable + "_FD";
  if (const char* number = std::getenv(by_file.c_str())) {
    int file = -1;
    const auto [end, error] = std::from_chars(number, number + std::strlen(number), file);
    if (error != std::errc() || *end != '\0' || file < 0)
      return failed("no-secret", by_file + " is no number of an open file.");
    return read_line(file);
  }
  auto asked = ask_terminal(question.prompt);
  if (!asked && asked.error().code == "no-secret")
    asked.error().detail += " Set " + question.variable + " or " + by_file + ".";
  return asked;
}

Outcome<std::string> read_input(const std::string& name) {
  const int file = name == "-" ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed("unreadable-file", name + " cannot be read.");
  std::string text;
  char part[4096];
  for (;;) {
    const auto got = ::read(file, part, sizeof part);
    if (got < 0 || text.size() > kMostInput) {
      ::close(file);
      return failed("unreadable-file", name + " cannot be read, or is longer than a megabyte.");
    }
    if (got == 0) break;
    text.append(part, static_cast<std::size_t>(got));
  }
  ::close(file);
  return text;
}

}  // namespace wardline::cli
