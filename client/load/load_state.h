// The devices and conversations of a load run, kept in a file, so that a later run goes on with them: after
// the server was killed, say.
#pragma once

#include <filesystem>

#include "client/load/conversation_setup.h"

namespace wardline::client {

/// One device and the conversation that it sends in.
struct LoadParticipant {
  Credentials credentials;
  LoadDevice device;
  LoadConversation conversation;
};

/// Holds passwords and keys: the file is readable by its owner alone. False if it cannot be written.
bool save_participants(const std::filesystem::path& file, const std::vector<LoadParticipant>& participants);

/// As `save_participants` wrote them, signed in: with the session that they had, or, where that has ended, by
/// a new sign-in. `tls` outlives them.
std::expected<std::vector<LoadParticipant>, HttpError> restore_participants(const std::filesystem::path& file,
                                                                            const ServerUrl& url,
                                                                            boost::asio::ssl::context& tls);

}  // namespace wardline::client
