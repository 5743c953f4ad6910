// Everything behind the network, made in the right order and wired: storage, keys, audit, identity,
// directory, clinical, delivery, files. Whoever opens it serves it (node.h), loads data into it, or tests it.
#pragma once

#include "server/app/delivery_people.h"
#include "server/app/device_cut_off.h"
#include "server/app/session_authenticator.h"
#include "server/audit/log_keys.h"
#include "server/audit/sequencer_thread.h"
#include "server/clinical/patients.h"
#include "server/delivery/delivery.h"
#include "server/delivery/external_sender.h"
#include "server/files/files.h"
#include "server/identity/device_log.h"
#include "server/storage/data_directory.h"
#include "server/storage/keys/file_kms.h"

namespace wardline::app {

struct BackendOptions {
  std::filesystem::path data;                ///< the data directory
  std::optional<std::string> postgres = {};  ///< a connection string; nothing: SQLite in the data directory
  std::string organisation = "Hospital";
  identity::webauthn::RelyingParty relying_party;
  std::string log_host;  ///< names the logs: "wardline.example.org", and "/audit" or "/devices" behind it
  identity::SessionLimits sessions = {};
  files::Limits files = {};
  bool create = false;  ///< makes keys and database where there are none: the first start
};

class Backend {
 public:
  /// Errors say what is wrong and what to do: those of the data directory, the key file, the database, its
  /// schema and keys.
  static core::Result<std::unique_ptr<Backend>> open(BackendOptions options, const core::Clock& clock);
  ~Backend();

  storage::Database& database() { return *database_; }
  storage::KeyRing& keys() { return *keys_; }
  identity::Identity& identity() { return *identity_; }
  identity::DeviceLog& device_log() { return *device_log_; }
  directory::Directory& directory() { return *directory_; }
  clinical::Patients& patients() { return *patients_; }
  delivery::Delivery& delivery() { return *delivery_; }
  files::Files& files() { return *files_; }
  SessionAuthenticator& authenticator() { return *authenticator_; }
  const audit::PatientReferenceKey& patient_references() const { return *references_; }
  const core::Clock& clock() const { return clock_; }
  const BackendOptions& options() const { return options_; }

  /// Begins to give entries of the audit log and of the device log their places in the signed trees, until
  /// the object goes.
  core::Result<void> start_logs();
  /// What keeps the server from working as it should, if anything does: for readiness.
  std::optional<core::Error> trouble() const;
  /// Deletes what has expired and reads what other nodes changed: about once a minute, on a worker.
  void housekeep();

 private:
  class MemberConversations;

  Backend(BackendOptions options, const core::Clock& clock);
  core::Result<void> open_storage();
  core::Result<void> open_domains();
  core::Result<void> start(const audit::Log& log);

  const BackendOptions options_;
  const core::Clock& clock_;
  std::optional<storage::DataDirectory> directory_lock_;
  std::unique_ptr<storage::FileKms> kms_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<storage::KeyRing> keys_;
  std::optional<audit::PatientReferenceKey> references_;
  std::unique_ptr<MemberConversations> member_conversations_;
  std::unique_ptr<identity::Identity> identity_;
  std::unique_ptr<identity::DeviceLog> device_log_;
  std::unique_ptr<directory::Directory> directory_;
  std::unique_ptr<clinical::Patients> patients_;
  std::unique_ptr<DeliveryPeople> people_;
  std::optional<crypto::SigningKey> external_sender_;
  std::unique_ptr<delivery::Delivery> delivery_;
  std::unique_ptr<files::ContentFolder> file_contents_;
  std::unique_ptr<files::Files> files_;
  std::unique_ptr<DeviceCutOff> cut_off_;
  std::unique_ptr<SessionAuthenticator> authenticator_;
  std::vector<std::unique_ptr<audit::LogStore>> log_files_;
  std::vector<std::unique_ptr<audit::SequencerThread>> sequencers_;
};

}  // namespace wardline::app
