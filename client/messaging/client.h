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

#include "client/attachments/transfer.h"
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
  /// Whether devices can be trusted (ENC-8): an alarm holds all sending back, and programs must say so.
  DeviceLog& device_log() { return device_log_; }

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
  /// checked first (CH-10, SAF-4). Called again because its answer was lost, in this run of the program or in
  /// another, it makes no second one: as long as nothing has been said in it, a conversation with the same
  /// people about the same patient is the one that is meant.
  Outcome<std::string> start(const StartRequest& request);
  Outcome<void> add(const std::string& conversation_id, const std::vector<std::string>& user_ids,
                    const Confirmations& confirmed);
  Outcome<void> remove(const std::string& conversation_id, const std::string& user_id);

  Outcome<Sent> send(Outgoing message);
  /// Whether a message with this id is sent already: for what is done before sending, such as `attach`.
  Outcome<std::optional<Sent>> sent_before(const std::string& conversation_id, const std::string& id) const;

  /// Encrypts the file and uploads it; what comes back goes into the content of the message that names it
  /// (MSG-4). A network that goes away is waited for. Errors: those of `upload_file`, and of `send`.
  Outcome<content::Attachment> attach(const std::string& conversation_id, const std::filesystem::path& file,
                                      const TransferOptions& options = {});
  /// Fetches and checks a file that a message named, and gives the path under which it lies in `directory`.
  /// Errors: those of `download_file`.
  Outcome<std::filesystem::path> save(const std::string& conversation_id,
                                      const content::Attachment& attachment,
                                      const std::filesystem::path& directory,
                                      const TransferOptions& options = {});

  /// Says so to the server too; high-water marks.
  Outcome<void> mark(const std::string& conversation_id, const Marks& marks);

  struct Listener {
    std::function<void(const Message&)> on_message = nullptr;
    std::function<void()> on_ready = nullptr;  ///< everything that was missed has been told
    /// The line is gone and will be tried again; or what went wrong meanwhile. `device-log-alarm` once, when
    /// devices cannot be trusted any more (ENC-8): to be told to people loudly.
    std::function<void(const Error&)> on_trouble = nullptr;
  };
  /// Blocks, and tells of each message once it is on disk. Comes back by itself after lost connections; ends
  /// with an error when the session cannot be renewed, and without one after `stop`.
  Outcome<void> listen(const Listener& listener);
  /// Ends `listen`, from within what it tells.
  void stop();

 private:
  Client(Access& access, DeviceState state, const Pinned& pinned);
  Outcome<void> enter(const ServerConversation& server);
  Outcome<void> leave_all_but(const std::vector<ServerConversation>& listed);
  LineEvents line_events(const Listener& listener);
  void tell_alarm(const Listener& listener);
  Outcome<std::vector<LineCursor>> cursors() const;
  /// Follows what the last entries asked for: a commit made anew, a group joined anew.
  Outcome<void> settle();
  Outcome<ConversationRecord> joined_record(const std::string& conversation_id) const;
  Outcome<void> tell_marks();
  Outcome<ConversationView> view_of(const ConversationRecord& record) const;

  Access& access_;
  Api api_;
  DeviceState state_;
  DeviceLog device_log_;
  EntryLog log_;
  Joining joining_;
  Groups groups_;
  Outbox outbox_;
  std::map<std::string, Person> people_;
  LiveLine* line_ = nullptr;
  std::string told_alarm_;
  bool stopping_ = false;
};

}  // namespace wardline::client
