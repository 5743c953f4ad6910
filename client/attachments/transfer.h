// Files of messages for programs: encrypted and uploaded, fetched and decrypted, with little memory and
// across networks that go away.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "client/attachments/file_server.h"
#include "lib/bytes/secret_bytes.h"
#include "lib/content/attachment.h"

namespace wardline::client {

/// What makes a ciphertext what it is: with it an upload goes on after the program has ended in between.
struct UploadKey {
  std::string file_id;
  SecretBytes key;
  Bytes header;
};

/// Remembers uploads that were begun from one run of a program to the next, by the conversation and by what
/// is sent: a key never serves for other bytes.
class UploadMemory {
 public:
  virtual ~UploadMemory() = default;
  virtual std::optional<UploadKey> find(const std::string& conversation_id, ByteView plain_sha256) = 0;
  virtual void keep(const std::string& conversation_id, ByteView plain_sha256, const UploadKey& key) = 0;
  virtual void forget(const std::string& conversation_id, ByteView plain_sha256) = 0;
};

struct TransferOptions {
  /// Told how many bytes have gone over, of how many.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = nullptr;
  /// How often in a row the network may fail before it is given up, and how long to wait at first; each
  /// further wait is twice as long, up to half a minute.
  int attempts = 8;
  std::chrono::milliseconds pause{500};
  /// Where the ciphertext lies while it is uploaded. It has no name there.
  std::filesystem::path scratch = std::filesystem::temp_directory_path();
  /// If given, an upload that was cut off goes on where it was, also in another run. It outlives the call.
  UploadMemory* memory = nullptr;
};

/// Encrypts the file once, a photo without its metadata (DLP-2), uploads it, and makes it available to the
/// members of the conversation. What comes back is for the message that names it. Errors: the server's,
/// "file-unreadable", "picture-unreadable", "scratch-unusable", "no-connection" after all attempts. What was
/// begun and not finished is given up at the server as well.
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
