// `wardline send`, `read` and `tail`.
#pragma once

#include "client/cli/profile_options.h"

namespace wardline::cli {

struct SendCommand {
  ProfileOptions profile;
  std::string conversation;  ///< an id, or "@NAME": the direct conversation with this person
  std::string text_from = "-";
  std::string priority = "routine";
  bool needs_acknowledgement = false;
  std::string reply_to;
  std::string id;
  std::vector<std::filesystem::path> attach;
};
Exit run(const SendCommand& command, Console& console);

struct ReadCommand {
  ProfileOptions profile;
  std::string conversation;
  bool all = false;
  std::size_t last = 0;
  bool peek = false;
  std::filesystem::path save;  ///< the folder for files; empty: they are only named
};
Exit run(const ReadCommand& command, Console& console);

struct TailCommand {
  ProfileOptions profile;
  std::vector<std::string> conversations;
  std::size_t count = 0;  ///< ends after so many; 0: never
  bool peek = false;
};
Exit run(const TailCommand& command, Console& console);

}  // namespace wardline::cli
