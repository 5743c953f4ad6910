// A Wardline client for programs: bots, gateways, the command line. It signs in, keeps a device's
// conversations on disk, sends, reads and listens. docs/guides/bots.md shows a whole bot.
//
//   auto access = Access::open({.profile = "/var/lib/bot", .server = "https://chat.example.org"});
//   (*access)->sign_in(secrets);
//   auto client = Client::open(**access);
//   (*client)->listen({.on_message = [&](const Message& message) { … }});
//
// One thread; calls block until the server has answered. Whatever a call has reported as done is on disk.
#pragma once

#include "client/messaging/access.h"
#include "client/messaging/joining.h"
#include "client/messaging/live_line.h"
#include "client/messaging/outbox.h"
#include "client/messaging/recipients.h"

namespace wardline::client {

struct StartRequest {
  std::vector<std::string> user_ids;
  std::optional<ConversationKind> kind = {};  ///< else direct for one person, group for more
  std::optional<MatchedPatient> patient = {};
  std::string title = {};
  Priority priority = Priority::routine;
  Confirmations confirmed = {};
};

struct MessageRange {
  std::uint64_t after = 0;
  std::size_t last = SIZE_MAX;  ///< at most so many, the newest
};

class Client {
 public:
  /// Opens the device's state: needs a session (`not-signed-in`) and a device that is not revoked. `access`
  /// outlives the client.
  static Outcome<std::unique_ptr<Client>> open(Access& access);

  const conversation::Device& me() const { return state_.me(); }
  Api& api() { return api_; }

  /// Level with the server: reachable for others, joined wherever this person belongs, every log read, and
  /// what waited sent.
  Outcome<void> sync();

  Outcome<std::vector<ConversationView>> conversations();
  /// `no-such-conversation`.
  Outcome<ConversationView> conversation(const std::string& id);
  /// The direct conversation with this person, if there is one.
  Outcome<std::optional<std::string>> direct_conversation(const std::string& user_id);
  /// In order.
  Outcome<std::vector<Message>> messages(const std::string& conversation_id, const MessageRange& range = {});

  /// Whom a name or an id means. Never a pick among several: `no-such-person`, `ambiguous-person`.
  Outcome<Person> find_person(std::string_view name_or_id);
  Outcome<Person> person(const std::string& user_id);

  /// Begins a conversation; its title, if any, is its first message. `needs-confirmation` says what has to be
  /// checked first (CH-10, SAF-4).
  Outcome<std::string> start(const StartRequest& request);
  Outcome<void> add(const std::string& conversation_id, const std::vector<std::string>& user_ids,
                    const Confirmations& confirmed);
  Outcome<void> remove(const std::string& conversation_id, const std::string& user_id);

  Outcome<Sent> send(Outgoing message);
  /// Says so to the server too; high-water marks.
  Outcome<void> mark(const std::string& conversation_id, const Marks& marks);

  struct Listener {
    std::function<void(const Message&)> on_message = nullptr;
    std::function<void()> on_ready = nullptr;  ///< everything that was missed has been told
    /// The line is gone and will be tried again; or, with an error, what went wrong meanwhile.
    std::function<void(const Error&)> on_trouble = nullptr;
  };
  /// Blocks, and tells of each message once it is on disk. Comes back by itself after lost connections; ends
  /// with an error when the session cannot be renewed, and without one after `stop`.
  Outcome<void> listen(const Listener& listener);
  /// Ends `listen`, from within what it tells.
  void stop();

 private:
  Client(Access& access, SealedStore store, std::unique_ptr<conversation::Context> context,
         mls::SealingKey key);
  Outcome<void> enter(const ServerConversation& server);
  LineEvents line_events(const Listener& listener);
  Outcome<std::vector<LiveLine::Cursor>> cursors() const;
  /// Follows what the last entries asked for: a commit made anew, a group joined anew.
  Outcome<void> settle();
  Outcome<ConversationRecord> joined_record(const std::string& conversation_id) const;
  Outcome<void> tell_marks();
  Outcome<ConversationView> view_of(const ConversationRecord& record) const;

  Access& access_;
  Api api_;
  DeviceState state_;
  EntryLog log_;
  Joining joining_;
  Groups groups_;
  Outbox outbox_;
  std::map<std::string, Person> people_;
  LiveLine* line_ = nullptr;
  bool stopping_ = false;
};

}  // namespace wardline::client
