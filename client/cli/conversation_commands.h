// `wardline people`, `conversations`, `start` and `group`: who writes to whom.
#pragma once

#include "client/cli/profile_options.h"

namespace wardline::cli {

struct PeopleCommand {
  ProfileOptions profile;
  std::string search;
  std::string role;
  bool on_call = false;
};
Exit run(const PeopleCommand& command, Console& console);

struct ConversationsCommand {
  ProfileOptions profile;
};
Exit run(const ConversationsCommand& command, Console& console);

/// Words about patients come from files ("-": standard input), never from arguments.
struct StartCommand {
  ProfileOptions profile;
  std::vector<std::string> people;
  bool group = false;
  std::string patient_from;
  std::string title_from;
  std::string text_from;
  std::string priority = "routine";
  std::vector<std::string> confirm;  ///< "PERSON=FACT", "cross-service", "reason=WHY"
};
Exit run(const StartCommand& command, Console& console);

struct GroupMembersCommand {
  ProfileOptions profile;
  std::string conversation;
};
Exit run(const GroupMembersCommand& command, Console& console);

struct GroupAddCommand {
  ProfileOptions profile;
  std::string conversation;
  std::vector<std::string> people;
  std::vector<std::string> confirm;
};
Exit run(const GroupAddCommand& command, Console& console);

struct GroupRemoveCommand {
  ProfileOptions profile;
  std::string conversation;
  std::string person;
};
Exit run(const GroupRemoveCommand& command, Console& console);

}  // namespace wardline::cli
