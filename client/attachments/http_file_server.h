// Files of conversations at the server over HTTPS (docs/api.md, "Files").
#pragma once

#include <functional>

#include "client/attachments/file_server.h"

namespace wardline::client {

class HttpFileServer final : public FileServer {
 public:
  /// `https` outlives the object. `renew` is asked for a new session when the old one has ended in the
  /// middle: whether there is one.
  HttpFileServer(HttpsClient& https, std::function<bool()> renew) : https_(https), renew_(std::move(renew)) {}

  std::expected<UploadStanding, HttpError> begin(const std::string& conversation_id,
                                                 const std::string& file_id, std::uint64_t size,
                                                 ByteView sha256) override;
  std::expected<UploadStanding, HttpError> put(const std::string& conversation_id, const std::string& file_id,
                                               std::uint64_t first, std::uint64_t size,
                                               std::string_view bytes) override;
  std::expected<UploadStanding, HttpError> complete(const std::string& conversation_id,
                                                    const std::string& file_id) override;
  std::expected<void, HttpError> cancel(const std::string& conversation_id,
                                        const std::string& file_id) override;
  std::expected<FilePart, HttpError> get(const std::string& conversation_id, const std::string& file_id,
                                         std::uint64_t first) override;

 private:
  std::expected<HttpAnswer, HttpError> exchange(const HttpRequest& request);

  HttpsClient& https_;
  std::function<bool()> renew_;
};

}  // namespace wardline::client
