// The default KMS: wrapping keys in one local file that only the server's account may read.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "server/storage/keys/kms.h"

namespace wardline::storage {

/// The file has a line for each wrapping key, the current one last. With an `unlock` secret of at least 32
/// bytes (from a TPM or the service manager's credentials, kept apart from the disk) the keys in it are
/// sealed with AES-256-GCM.
class FileKms final : public Kms {
 public:
  /// Makes a new file (mode 0600) with one fresh key. Only for a database that has no data keys yet.
  /// Errors: "key-file-exists", "key-file-unwritable".
  static core::Result<std::unique_ptr<FileKms>> create(const std::filesystem::path& file,
                                                       std::optional<SecretBytes> unlock = std::nullopt);
  /// Errors: "key-file-missing", "key-file-permissions" (others may read it), "key-file-invalid" (not such a
  /// file, or damaged), "key-file-locked" (sealed, and `unlock` is absent or the wrong one).
  static core::Result<std::unique_ptr<FileKms>> open(const std::filesystem::path& file,
                                                     std::optional<SecretBytes> unlock = std::nullopt);

  /// Adds a fresh wrapping key and makes it the current one. Data keys move over with KeyRing::rewrap().
  core::Result<void> rotate();

  std::string current_key() const override;
  core::Result<WrappedKey> wrap(const SecretBytes& key, ByteView context) override;
  core::Result<SecretBytes> unwrap(const WrappedKey& wrapped, ByteView context) override;

 private:
  FileKms(std::filesystem::path file, std::optional<SecretBytes> unlock)
      : file_(std::move(file)), unlock_(std::move(unlock)) {}
  core::Result<void> load();
  core::Result<void> save(bool fresh) const;
  void add_key();
  core::Result<std::string> line_of(const std::string& id, const SecretBytes& key) const;
  core::Result<void> read_line(std::string_view line, bool sealed);

  const std::filesystem::path file_;
  const std::optional<SecretBytes> unlock_;
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, SecretBytes>> keys_;  // The current one last.
};

}  // namespace wardline::storage
