// The bot of docs/guides/bots.md: answers every message with what it said, and says when it was read.
#include <cstdlib>
#include <iostream>

#include "client/account/totp.h"
#include "client/account/uuid.h"
#include "client/messaging/client.h"

using namespace wardline;
using namespace wardline::client;

namespace {

/// A bot's secrets come from wherever its operator keeps them; here, from the environment.
Outcome<SecretBytes> secret(const char* name) {
  const char* value = std::getenv(name);
  if (!value) return failed("no-secret", std::string(name) + " is not set.");
  return SecretBytes(as_bytes(value));
}

Outcome<SecretBytes> one_time_code() {
  const auto base32 = secret("BOT_TOTP");
  if (!base32) return std::unexpected(base32.error());
  const auto code = totp_code(as_text(base32->view()), now_microseconds() / 1'000'000);
  if (!code) return failed("no-secret", "BOT_TOTP is not base32.");
  return SecretBytes(as_bytes(*code));
}

int give_up(const Error& error) {
  std::cerr << error.code << ": " << error.detail << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return give_up({"usage", "echo_bot PROFILE USERNAME"});
  auto access = Access::open({.profile = argv[1]});
  if (!access) return give_up(access.error());
  (*access)->renew_with({.username = argv[2],
                         .password = [] { return secret("BOT_PASSWORD"); },
                         .one_time_code = one_time_code,
                         .waits_for_next_code = true});

  auto client = Client::open(**access);
  if (!client) return give_up(client.error());

  const auto answer = [&](const Message& message) {
    const bool is_for_us = message.body == BodyKind::content && message.content.kind == content::Kind::text &&
                           message.sender && message.sender->user_id != (*client)->me().user_id;
    if (!is_for_us) return;
    // The answer's id follows from the question's: whatever happens in between, it is answered once.
    const auto sent =
        (*client)->send({.conversation_id = message.conversation_id,
                         .content = {.text = "You said: " + message.content.text, .reply_to = message.id},
                         .id = derived_id(message.id, "echo")});
    if (!sent) std::cerr << sent.error().code << '\n';
    (void)(*client)->mark(message.conversation_id, {.read = message.sequence});
  };
  const auto ended = (*client)->listen({.on_message = answer});
  return ended ? 0 : give_up(ended.error());
}
