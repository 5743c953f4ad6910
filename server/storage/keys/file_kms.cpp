#include "server/storage/keys/file_kms.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "lib/bytes/text.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "lib/disk/durable_file.h"

namespace wardline::storage {
namespace {

using core::ErrorKind;

constexpr std::string_view kPlainHeader = "wardline-kms 1 plain";
constexpr std::string_view kSealedHeader = "wardline-kms 1 sealed";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kMaxFileSize = 1U << 20;

// nonce || ciphertext || tag under AES-256-GCM.
core::Result<Bytes> seal(ByteView key, ByteView context, ByteView plaintext) {
  const Bytes nonce = crypto::random_bytes(crypto::kNonceSize);
  const auto sealed = crypto::aead_seal(crypto::AeadAlgorithm::aes_256_gcm, key, nonce, context, plaintext);
  if (!sealed) return core::fail(ErrorKind::internal, "kms-wrap-failed", "A key could not be wrapped.");
  return concat(nonce, *sealed);
}

std::optional<SecretBytes> open_sealed(ByteView key, ByteView context, ByteView sealed) {
  if (sealed.size() < crypto::kNonceSize + crypto::kTagSize) return std::nullopt;
  auto opened = crypto::aead_open(crypto::AeadAlgorithm::aes_256_gcm, key, sealed.first(crypto::kNonceSize),
                                  context, sealed.subspan(crypto::kNonceSize));
  if (!opened) return std::nullopt;
  return std::move(*opened);
}

SecretBytes file_sealing_key(const SecretBytes& unlock) {
  const SecretBytes extracted =
      crypto::hkdf_extract(crypto::HashAlgorithm::sha256, as_bytes("wardline-kms"), unlock.view());
  auto key =
      crypto::hkdf_expand(crypto::HashAlgorithm::sha256, extracted.view(), as_bytes("key file"), kKeySize);
  return key ? std::move(*key) : SecretBytes();
}

void wipe_text(std::string& text) { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

std::unexpected<core::Error> unwritable() {
  return core::fail(ErrorKind::unavailable, "key-file-unwritable", "The key file cannot be written.");
}
std::unexpected<core::Error> invalid() {
  return core::fail(ErrorKind::unavailable, "key-file-invalid",
                    "The key file is damaged, or is no key file. Restore it from a backup.");
}

// Checks the open file, so that nobody can exchange it between check and use.
core::Result<SecretBytes> read_private_file(const std::filesystem::path& path) {
  const disk::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return core::fail(
        ErrorKind::unavailable, "key-file-missing",
        "There is no key file. A database that has sealed data needs the one it was sealed with.");
  }
  struct stat info{};
  if (::fstat(file.value(), &info) != 0) return invalid();
  if ((info.st_mode & 0077) != 0) {
    return core::fail(
        ErrorKind::unavailable, "key-file-permissions",
        "Others may read the key file. Find out who did, then take their rights away: chmod 600.");
  }
  if (!S_ISREG(info.st_mode) || static_cast<std::size_t>(info.st_size) > kMaxFileSize) return invalid();
  SecretBytes content(static_cast<std::size_t>(info.st_size));
  if (disk::read_all(file, content.writable()) != info.st_size) return invalid();
  return content;
}

}  // namespace

core::Result<std::unique_ptr<FileKms>> FileKms::create(const std::filesystem::path& file,
                                                       std::optional<SecretBytes> unlock) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  std::unique_ptr<FileKms> kms(new FileKms(file, std::move(unlock)));
  kms->add_key();
  if (const auto saved = kms->save(true); !saved) return std::unexpected(saved.error());
  return kms;
}

core::Result<std::unique_ptr<FileKms>> FileKms::open(const std::filesystem::path& file,
                                                     std::optional<SecretBytes> unlock) {
  std::unique_ptr<FileKms> kms(new FileKms(file, std::move(unlock)));
  if (const auto loaded = kms->load(); !loaded) return std::unexpected(loaded.error());
  return kms;
}

void FileKms::add_key() {
  keys_.emplace_back(to_hex(crypto::random_bytes(8)), crypto::random_secret(kKeySize));
}

core::Result<void> FileKms::rotate() {
  const std::lock_guard guard(mutex_);
  add_key();
  auto saved = save(false);
  if (!saved) keys_.pop_back();  // What is not on disk must not wrap anything.
  return saved;
}

core::Result<std::string> FileKms::line_of(const std::string& id, const SecretBytes& key) const {
  if (unlock_) {
    const auto sealed = seal(file_sealing_key(*unlock_).view(), as_bytes(id), key.view());
    if (!sealed) return std::unexpected(sealed.error());
    return id + " " + to_hex(*sealed) + "\n";
  }
  std::string digits = to_hex(key.view());
  std::string line = id + " " + digits + "\n";
  wipe_text(digits);
  return line;
}

core::Result<void> FileKms::save(bool fresh) const {
  Bytes lines;
  lines.reserve(128 + keys_.size() * 256);  // Never grows, which would leave a copy behind.
  append(lines, as_bytes(unlock_ ? kSealedHeader : kPlainHeader));
  lines.push_back('\n');
  for (const auto& [id, key] : keys_) {
    auto line = line_of(id, key);
    if (!line) return std::unexpected(line.error());
    append(lines, as_bytes(*line));
    wipe_text(*line);
  }
  const SecretBytes content(std::move(lines));

  // Written beside and put in place at once: a crash leaves the old file or the new one.
  const std::filesystem::path beside = file_.string() + ".new";
  ::unlink(beside.c_str());
  if (!disk::write_new(beside, content.view(), 0600)) return unwritable();
  if (fresh) {
    // link() refuses to replace a key file, which would lose all that it opens.
    const int linked = ::link(beside.c_str(), file_.c_str());
    const bool exists = linked != 0 && errno == EEXIST;
    ::unlink(beside.c_str());
    if (exists) return core::fail(ErrorKind::conflict, "key-file-exists", "There is a key file already.");
    if (linked != 0) return unwritable();
  } else if (::rename(beside.c_str(), file_.c_str()) != 0) {
    return unwritable();
  }
  if (!disk::sync_folder(file_.parent_path())) return unwritable();
  return {};
}

core::Result<void> FileKms::load() {
  const auto content = read_private_file(file_);
  if (!content) return std::unexpected(content.error());
  std::string_view rest(reinterpret_cast<const char*>(content->view().data()), content->size());
  std::optional<bool> sealed;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return invalid();
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (sealed) {
      if (const auto read = read_line(line, *sealed); !read) return std::unexpected(read.error());
    } else if (line == kPlainHeader || line == kSealedHeader) {
      sealed = line == kSealedHeader;
    } else {
      return invalid();
    }
  }
  if (keys_.empty()) return invalid();
  return {};
}

core::Result<void> FileKms::read_line(std::string_view line, bool sealed) {
  const std::size_t space = line.find(' ');
  if (space != 16) return invalid();
  const std::string id(line.substr(0, space));
  auto value = from_hex(line.substr(space + 1));
  if (!value) return invalid();
  SecretBytes key(std::move(*value));
  if (sealed) {
    auto opened =
        unlock_ ? open_sealed(file_sealing_key(*unlock_).view(), as_bytes(id), key.view()) : std::nullopt;
    if (!opened) {
      return core::fail(ErrorKind::unavailable, "key-file-locked",
                        "The key file is sealed, and the secret that opens it is absent or the wrong one.");
    }
    key = std::move(*opened);
  }
  if (key.size() != kKeySize) return invalid();
  keys_.emplace_back(id, std::move(key));
  return {};
}

std::string FileKms::current_key() const {
  const std::lock_guard guard(mutex_);
  return keys_.back().first;
}

core::Result<WrappedKey> FileKms::wrap(const SecretBytes& key, ByteView context) {
  const std::lock_guard guard(mutex_);
  const auto& [id, wrapping] = keys_.back();
  auto sealed = seal(wrapping.view(), context, key.view());
  if (!sealed) return std::unexpected(sealed.error());
  return WrappedKey{id, std::move(*sealed)};
}

core::Result<SecretBytes> FileKms::unwrap(const WrappedKey& wrapped, ByteView context) {
  const std::lock_guard guard(mutex_);
  const auto found =
      std::ranges::find(keys_, wrapped.wrapping_key, [](const auto& entry) { return entry.first; });
  if (found == keys_.end()) {
    return core::fail(ErrorKind::unavailable, "wrong-kms-key",
                      "The database was sealed with a key that this key file or HSM does not have. Configure "
                      "the right one.");
  }
  auto opened = open_sealed(found->second.view(), context, wrapped.bytes);
  if (!opened)
    return core::fail(ErrorKind::internal, "kms-unwrap-failed",
                      "A data key was altered, or belongs to another row.");
  return std::move(*opened);
}

}  // namespace wardline::storage
