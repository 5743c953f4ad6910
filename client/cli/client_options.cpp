#include "client/cli/client_options.h"

#include <memory>

#include "client/cli/conversation_commands.h"
#include "client/cli/device_commands.h"
#include "client/cli/message_commands.h"

namespace wardline::cli {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 refused, 2 usage, 3 something needed cannot be read, 4 sign in first, 5 a person "
    "has "
    "to decide, 6 try again later, 7 this device was revoked or its data does not open, 8 devices cannot be "
    "trusted: sending is on hold.";
constexpr const char* kConversation =
    "a conversation's id, or @NAME: the direct conversation with that person";
constexpr const char* kPerson = "a name that only one person has, or a user id";
std::string about_confirm() {
  return "what was checked: \"PERSON=FACT\" with the person's service, role or location; " +
         std::string(client::kConfirmCrossService) + "; " + client::how_to_say_why();
}

CLI::App* command(CLI::App& parent, const char* name, const char* about, ProfileOptions& profile) {
  CLI::App* app = parent.add_subcommand(name, about);
  app->add_option("--profile", profile.profile,
                  "the device's folder (default: $WARDLINE_PROFILE, else ~/.local/share/wardline)");
  app->add_flag_callback("--json", [&profile] { profile.format = Format::json; }, "one JSON object a line");
  app->footer(kExitCodes);
  return app;
}

void renewable(CLI::App& app, ProfileOptions& profile) {
  app.add_option("--username", profile.username, "whose account (default: $WARDLINE_USERNAME)");
  app.add_option(
      "--second-factor-file", profile.second_factor_file,
      "file with the one-time codes' secret, for programs (default: $WARDLINE_SECOND_FACTOR_FILE)");
}

CLI::Option* priority(CLI::App& app, std::string& value) {
  return app.add_option("--priority", value, "routine, urgent or critical")
      ->check(CLI::IsMember({"routine", "urgent", "critical"}));
}

/// Makes the command's data, kept alive by the callback that runs it.
template <class Command, class Run>
std::shared_ptr<Command> chosen_by(CLI::App*& app, Chosen& chosen, const Run& run,
                                   const std::function<CLI::App*(Command&)>& make) {
  auto data = std::make_shared<Command>();
  app = make(*data);
  app->callback(
      [data, &chosen, run] { chosen = [data, run](Console& console) { return run(*data, console); }; });
  return data;
}

template <class Command>
std::shared_ptr<Command> add(CLI::App& parent, Chosen& chosen, const char* name, const char* about,
                             CLI::App*& app) {
  return chosen_by<Command>(
      app, chosen, [](const Command& data, Console& console) { return run(data, console); },
      [&](Command& data) { return command(parent, name, about, data.profile); });
}

using RunSignIn = Exit (*)(const SignInCommand&, Console&);

void add_sign_in(CLI::App& parent, Chosen& chosen, const char* name, const char* about, RunSignIn run_it) {
  CLI::App* app = nullptr;
  const auto data = chosen_by<SignInCommand>(
      app, chosen, run_it, [&](SignInCommand& made) { return command(parent, name, about, made.profile); });
  renewable(*app, data->profile);
  app->add_option("--server", data->server, "https://host:port; remembered");
  app->add_option("--ca", data->server_certificate,
                  "PEM certificate to believe instead of the system's; remembered");
  app->add_option("--device-name", data->device_name, "how this device is called in the list of devices");
  app->footer(
      std::string(
          "The password, the one-time code and the activation code are asked for, or taken from "
          "WARDLINE_PASSWORD, WARDLINE_ONE_TIME_CODE and WARDLINE_ACTIVATION_CODE, or from the open file "
          "whose number is in the same name with _FD. ") +
      kExitCodes);
}

struct PlainCommand {
  ProfileOptions profile;
  std::string argument;
};

template <class Run>
std::shared_ptr<PlainCommand> add_plain(CLI::App& parent, Chosen& chosen, const char* name, const char* about,
                                        CLI::App*& app, const Run& run_it) {
  auto data = chosen_by<PlainCommand>(
      app, chosen, run_it, [&](PlainCommand& made) { return command(parent, name, about, made.profile); });
  renewable(*app, data->profile);
  return data;
}

void add_device(CLI::App& parent, Chosen& chosen) {
  CLI::App* app = nullptr;
  add_plain(parent, chosen, "sign-out", "End the session; the device stays registered", app,
            [](const PlainCommand& data, Console& console) { return run_sign_out(data.profile, console); });
  CLI::App* device = parent.add_subcommand("device", "This account's devices");
  device->require_subcommand(1);
  add_plain(*device, chosen, "list", "List them", app, [](const PlainCommand& data, Console& console) {
    return run_device_list(data.profile, console);
  });
  const auto revoke = add_plain(*device, chosen, "revoke", "Shut a device out, for good", app,
                                [](const PlainCommand& data, Console& console) {
                                  return run_device_revoke(data.profile, data.argument, console);
                                });
  app->add_option("DEVICE", revoke->argument, "its id")->required();
  const auto known = add_plain(*device, chosen, "mine", "Say that a device which was added is this person's",
                               app, [](const PlainCommand& data, Console& console) {
                                 return run_device_mine(data.profile, data.argument, console);
                               });
  app->add_option("DEVICE", known->argument, "its id")->required();
  add_plain(
      *device, chosen, "reset", "Forget this profile's device and everything that it kept", app,
      [](const PlainCommand& data, Console& console) { return run_device_reset(data.profile, console); });
}

void add_people(CLI::App& parent, Chosen& chosen) {
  CLI::App* app = nullptr;
  const auto people = add<PeopleCommand>(parent, chosen, "people", "Search the directory", app);
  renewable(*app, people->profile);
  app->add_option("SEARCH", people->search, "a name, or a part of one");
  app->add_option("--role", people->role,
                  "clinician, resident, charge_nurse, nurse, privacy_officer or admin");
  app->add_flag("--on-call", people->on_call, "only who is on call now");
}

void add_start(CLI::App& parent, Chosen& chosen) {
  CLI::App* app = nullptr;
  const auto start =
      add<StartCommand>(parent, chosen, "start", "Begin a conversation, and print its id", app);
  renewable(*app, start->profile);
  app->add_option("PERSON", start->people, kPerson)->required();
  app->add_flag("--group", start->group, "a group, also with one person");
  app->add_option(
      "--patient-from", start->patient_from,
      "JSON file with at least two of mrn, birth_date, family_name, given_name (-: standard input)");
  app->add_option("--title-from", start->title_from, "file with the title");
  app->add_option("--text-from", start->text_from, "file with a first message");
  app->add_option("--confirm", start->confirm, about_confirm())->allow_extra_args(false);
  priority(*app, start->priority);
}

void add_messages(CLI::App& parent, Chosen& chosen) {
  CLI::App* app = nullptr;
  const auto conversations =
      add<ConversationsCommand>(parent, chosen, "conversations", "List conversations", app);
  renewable(*app, conversations->profile);

  const auto send = add<SendCommand>(parent, chosen, "send", "Send a message: standard input", app);
  renewable(*app, send->profile);
  app->add_option("CONVERSATION", send->conversation, kConversation)->required();
  app->add_option("--text-from", send->text_from, "file with the text (default -: standard input)");
  app->add_option("--id", send->id, "the message's id, a UUID: sent again it is sent once");
  app->add_option("--attach", send->attach, "file to send with it; may be repeated, up to ten times")
      ->allow_extra_args(false);
  app->add_option("--reply-to", send->reply_to, "id of the message that this one answers");
  app->add_flag("--needs-acknowledgement", send->needs_acknowledgement, "ask for an acknowledgement");
  priority(*app, send->priority);

  const auto read = add<ReadCommand>(parent, chosen, "read", "Print what is unread, and mark it read", app);
  renewable(*app, read->profile);
  app->add_option("CONVERSATION", read->conversation, kConversation)->required();
  auto* all = app->add_flag("--all", read->all, "everything that this device has");
  app->add_option("--last", read->last, "the newest so many")->excludes(all);
  app->add_option("--save", read->save, "folder for the messages' files; nothing in it is overwritten");
  app->add_flag("--peek", read->peek, "do not mark as read");

  const auto tail =
      add<TailCommand>(parent, chosen, "tail", "Print messages as they come, the unread ones first", app);
  renewable(*app, tail->profile);
  app->add_option("CONVERSATION", tail->conversations, kConversation);
  app->add_option("--count", tail->count, "end after so many messages");
  app->add_flag("--peek", tail->peek, "do not mark as read");
}

void add_group(CLI::App& parent, Chosen& chosen) {
  CLI::App* group = parent.add_subcommand("group", "Who is in a conversation");
  group->require_subcommand(1);
  CLI::App* app = nullptr;
  const auto members = add<GroupMembersCommand>(*group, chosen, "members", "List its members", app);
  renewable(*app, members->profile);
  app->add_option("CONVERSATION", members->conversation, kConversation)->required();
  const auto adding = add<GroupAddCommand>(*group, chosen, "add", "Add people", app);
  renewable(*app, adding->profile);
  app->add_option("CONVERSATION", adding->conversation, kConversation)->required();
  app->add_option("PERSON", adding->people, kPerson)->required();
  app->add_option("--confirm", adding->confirm, about_confirm())->allow_extra_args(false);
  const auto removing = add<GroupRemoveCommand>(*group, chosen, "remove", "Remove a person", app);
  renewable(*app, removing->profile);
  app->add_option("CONVERSATION", removing->conversation, kConversation)->required();
  app->add_option("PERSON", removing->person, kPerson)->required();
}

}  // namespace

void add_client_commands(CLI::App& app, Chosen& chosen) {
  add_sign_in(app, chosen, "enrol", "First sign-in of an account: its second factor, and this device",
              run_enrol);
  add_sign_in(app, chosen, "sign-in", "Sign in; the first time this profile becomes a device", run_sign_in);
  add_device(app, chosen);
  add_people(app, chosen);
  add_start(app, chosen);
  add_messages(app, chosen);
  add_group(app, chosen);
}

}  // namespace wardline::cli
