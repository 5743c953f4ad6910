// Uploads that this device has begun, kept with its state: a program that was killed goes on with them
// (MSG-4).
#pragma once

#include "client/attachments/transfer.h"
#include "client/messaging/device_state.h"

namespace wardline::client {

class BegunUploads final : public UploadMemory {
 public:
  /// `state` outlives the object.
  explicit BegunUploads(DeviceState& state) : state_(state) {}

  std::optional<UploadKey> find(const std::string& conversation_id, ByteView plain_sha256) override;
  /// And forgets those that the server has given up by now.
  void keep(const std::string& conversation_id, ByteView plain_sha256, const UploadKey& key) override;
  void forget(const std::string& conversation_id, ByteView plain_sha256) override;

 private:
  DeviceState& state_;
};

}  // namespace wardline::client
