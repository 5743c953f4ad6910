// Files of messages for programs: encrypted and uploaded, fetched and decrypted, with little memory and
// across networks that go away.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "client/attachments/file_server.h"
#include "lib/content/attachment.h"

namespace wardline::client {

struct TransferOptions {
  /// Told how many bytes have gone over, of how many.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = nullptr;
  /// How often in a row the network may fail before it is given up, and how long to wait at first; each
  /// further wait is twice as long, up to half a minute.
  int attempts = 8;
  std::chrono::milliseconds pause{500};
  /// Where the ciphertext lies while it is uploaded. It has no name there.
  std::filesystem::path scratch = std::filesystem::temp_directory_path();
};

/// Encrypts the file once, uploads it, and makes it available to the members of the conversation. What comes
/// back is for the message that names it. Errors: the server's, "file-unreadable", "scratch-unusable",
/// "no-connection" after all attempts. What was begun and not finished is given up at the server as well.
std::expected<content::Attachment, HttpError> upload_file(FileServer& server,
                                                          const std::string& conversation_id,
                                                          const std::filesystem::path& file,
                                                          const TransferOptions& options = {});

/// Fetches a file, checks it, and saves it in `directory` under its name, or one with a number if that is
/// taken: nothing is ever overwritten, and nothing is left of a file that is not what its sender sent. Gives
/// the path. Errors: the server's, "file-damaged", "directory-unusable", "no-connection".
std::expected<std::filesystem::path, HttpError> download_file(FileServer& server,
                                                              const std::string& conversation_id,
                                                              const content::Attachment& attachment,
                                                              const std::filesystem::path& directory,
                                                              const TransferOptions& options = {});

/// By the ending of the name; "application/octet-stream" for what is not known.
std::string media_type_of(const std::filesystem::path& file);

}  // namespace wardline::client
