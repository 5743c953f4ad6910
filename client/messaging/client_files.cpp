// Files of messages: to and from the server, with the session of this client.
#include "client/attachments/http_file_server.h"
#include "client/messaging/begun_uploads.h"
#include "client/messaging/client.h"

namespace wardline::client {

Outcome<content::Attachment> Client::attach(const std::string& conversation_id,
                                            const std::filesystem::path& file,
                                            const TransferOptions& options) {
  if (const auto admitted = outbox_.admit(conversation_id); !admitted)
    return std::unexpected(admitted.error());
  HttpFileServer server(access_.https(), [this] { return access_.renew().has_value(); });
  BegunUploads begun(state_);
  TransferOptions remembering = options;
  remembering.memory = &begun;
  auto attachment = upload_file(server, conversation_id, file, remembering);
  if (!attachment) return failed(attachment);
  return std::move(*attachment);
}

Outcome<std::filesystem::path> Client::save(const std::string& conversation_id,
                                            const content::Attachment& attachment,
                                            const std::filesystem::path& directory,
                                            const TransferOptions& options) {
  HttpFileServer server(access_.https(), [this] { return access_.renew().has_value(); });
  auto path = download_file(server, conversation_id, attachment, directory, options);
  if (!path) return failed(path);
  return std::move(*path);
}

}  // namespace wardline::client
