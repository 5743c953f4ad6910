#include "server/app/backend.h"

#include "server/audit/migrations.h"
#include "server/clinical/migrations.h"
#include "server/delivery/migrations.h"
#include "server/directory/migrations.h"
#include "server/files/migrations.h"
#include "server/identity/migrations.h"
#include "server/storage/migrations.h"

namespace wardline::app {
namespace {

std::vector<storage::Migration> all_migrations() {
  std::vector<storage::Migration> all;
  for (const auto& some :
       {storage::migrations(), audit::migrations(), identity::migrations(), directory::migrations(),
        clinical::migrations(), delivery::migrations(), files::migrations()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

/// In the middle of work the database is away for a moment; at the start it is more likely not to be there.
core::Error explain_at_start(core::Error error, const storage::Config& config) {
  if (error.code == "storage-unavailable") {
    error.detail =
        config.engine == storage::Engine::postgres
            ? "PostgreSQL does not answer where storage.postgres in wardline.toml says. Start it, or "
              "correct the setting; psql with the same words tells more."
            : "The database file cannot be opened. See that the server's account may write it.";
  }
  return error;
}

}  // namespace

/// Who is in a conversation about a patient, for clinical.
class Backend::MemberConversations final : public clinical::PatientConversations {
 public:
  bool is_member_about(storage::ReadTransaction& tx, core::UserId user,
                       core::PatientId patient) const override {
    return delivery::is_member_about(tx, user, patient);
  }
};

Backend::Backend(BackendOptions options, const core::Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

Backend::~Backend() = default;

core::Result<std::unique_ptr<Backend>> Backend::open(BackendOptions options, const core::Clock& clock) {
  std::unique_ptr<Backend> backend(new Backend(std::move(options), clock));
  if (auto opened = backend->open_storage(); !opened) return std::unexpected(opened.error());
  if (auto opened = backend->open_domains(); !opened) return std::unexpected(opened.error());
  return backend;
}

core::Result<void> Backend::open_storage() {
  auto directory = storage::DataDirectory::open(options_.data);
  if (!directory) return std::unexpected(directory.error());
  directory_lock_.emplace(std::move(*directory));

  const auto key_file = directory_lock_->key_file();
  const bool first_start = options_.create && !std::filesystem::exists(key_file);
  if (first_start) std::filesystem::create_directories(key_file.parent_path());
  auto kms = first_start ? storage::FileKms::create(key_file) : storage::FileKms::open(key_file);
  if (!kms) return std::unexpected(kms.error());
  kms_ = std::move(*kms);

  storage::Config config;
  config.engine = options_.postgres ? storage::Engine::postgres : storage::Engine::sqlite;
  config.file = directory_lock_->database_file();
  config.postgres = options_.postgres.value_or("");
  auto database = storage::Database::open(config);
  if (!database) return std::unexpected(explain_at_start(std::move(database.error()), config));
  database_ = std::move(*database);
  if (auto migrated = storage::migrate(*database_, all_migrations(), clock_); !migrated) {
    return std::unexpected(migrated.error());
  }
  keys_ = std::make_unique<storage::KeyRing>(*kms_, clock_);
  return keys_->verify(*database_);
}

core::Result<void> Backend::open_domains() {
  auto references = audit::load_patient_reference_key(*database_, *kms_);
  if (!references) return std::unexpected(references.error());
  references_.emplace(std::move(*references));

  const identity::Environment environment{*database_, *keys_, clock_, policy::built_in_policy()};
  identity::Options identity_options;
  identity_options.organisation = options_.organisation;
  identity_options.relying_party = options_.relying_party;
  identity_options.sessions = options_.sessions;
  auto identity = identity::Identity::create(environment, std::move(identity_options));
  if (!identity) return std::unexpected(identity.error());
  identity_ = std::move(*identity);
  auto log_key = audit::load_log_key(*database_, *kms_, audit::kDeviceLog,
                                     options_.log_host + std::string(audit::kDeviceLog.origin));
  if (!log_key) return std::unexpected(log_key.error());
  device_log_ = std::make_unique<identity::DeviceLog>(environment, std::move(*log_key));
  auto directory = directory::Directory::create(*identity_);
  if (!directory) return std::unexpected(directory.error());
  directory_ = std::move(*directory);
  member_conversations_ = std::make_unique<MemberConversations>();
  patients_ = std::make_unique<clinical::Patients>(environment, *references_, member_conversations_.get());

  auto external_sender = delivery::load_external_sender_key(*database_, *keys_);
  if (!external_sender) return std::unexpected(external_sender.error());
  external_sender_.emplace(std::move(*external_sender));
  people_ = std::make_unique<DeliveryPeople>(*identity_, *directory_, *patients_);
  delivery_ = std::make_unique<delivery::Delivery>(
      delivery::DeliverySetup{*database_, *keys_, policy::built_in_policy(), clock_, *references_, *people_,
                              *external_sender_, delivery::external_sender_credential()});
  auto contents = files::ContentFolder::open(directory_lock_->path() / "files");
  if (!contents) return std::unexpected(contents.error());
  file_contents_ = std::move(*contents);
  files_ = std::make_unique<files::Files>(*database_, policy::built_in_policy(), clock_, *references_,
                                          *file_contents_, options_.files);
  cut_off_ = std::make_unique<DeviceCutOff>(*delivery_);
  identity_->lifecycle().add(*cut_off_);
  authenticator_ = std::make_unique<SessionAuthenticator>(*identity_, *directory_);
  return {};
}

core::Result<void> Backend::start_logs() {
  if (auto started = start(audit::kAuditLog); !started) return started;
  return start(audit::kDeviceLog);
}

core::Result<void> Backend::start(const audit::Log& log) {
  auto files = audit::FolderStore::open(directory_lock_->path() / log.folder);
  if (!files) {
    files.error().detail += " It is " + (directory_lock_->path() / log.folder).string() + ".";
    return std::unexpected(files.error());
  }
  log_files_.push_back(std::move(*files));
  auto key = audit::load_log_key(*database_, *kms_, log, options_.log_host + std::string(log.origin));
  if (!key) return std::unexpected(key.error());
  // A server that was killed goes on with its logs at once, and does not wait for itself; one on a copy of
  // the directory is somebody else.
  const audit::NodeId node(directory_lock_->place());
  sequencers_.push_back(std::make_unique<audit::SequencerThread>(
      audit::Sequencer(*database_, log, *log_files_.back(), std::move(*key), clock_, node)));
  return {};
}

std::optional<core::Error> Backend::trouble() const {
  for (const auto& sequencer : sequencers_) {
    if (auto trouble = sequencer->trouble()) return trouble;
  }
  return std::nullopt;
}

void Backend::housekeep() {
  const auto note = [](core::log::Literal task, const core::Result<void>& done) {
    if (!done)
      core::log::warning("housekeeping-failed",
                         {{"task", task}, {"code", core::log::Technical{done.error().code}}});
  };
  note("identity", identity_->purge());
  note("patients", patients_->purge());
  note("directory", directory_->refresh());
  note("files", files_->purge());
}

}  // namespace wardline::app
