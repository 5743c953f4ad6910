#include "client/attachments/transfer.h"

#include <algorithm>
#include <fstream>
#include <thread>

#include "client/account/uuid.h"
#include "client/attachments/nameless_file.h"
#include "lib/attachment/stream.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace wardline::client {
namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr int kMostNumber = 1'000;

std::unexpected<HttpError> local(std::string code, std::string detail) {
  return std::unexpected(HttpError{0, std::move(code), std::move(detail)});
}

std::unexpected<HttpError> damaged() {
  return local("file-damaged", "This is not the file that was sent. Nothing was saved.");
}

/// Where trying again may help: no answer, too many requests, or a server in trouble.
bool is_transient(const HttpError& error) {
  return (error.status == 0 && error.code == "no-connection") || error.status == 429 ||
         (error.status >= 500 && error.status != 507);
}

/// Waits longer after each failure in a row; false when it is time to give up.
class Patience {
 public:
  explicit Patience(const TransferOptions& options) : left_(options.attempts), pause_(options.pause) {}
  bool wait() {
    if (--left_ <= 0) return false;
    std::this_thread::sleep_for(pause_);
    pause_ = std::min<std::chrono::milliseconds>(2 * pause_, std::chrono::seconds(30));
    return true;
  }

 private:
  int left_;
  std::chrono::milliseconds pause_;
};

template <class Attempt>
auto patiently(const TransferOptions& options, const Attempt& attempt) -> decltype(attempt()) {
  Patience patience(options);
  for (;;) {
    auto result = attempt();
    if (result || !is_transient(result.error()) || !patience.wait()) return result;
  }
}

/// What goes to the server, and the key that does not.
struct Sealed {
  NamelessFile ciphertext;
  std::uint64_t plain_size = 0;
  std::uint64_t size = 0;
  Bytes key;
  Bytes sha256;
};

std::expected<Sealed, HttpError> seal(const std::filesystem::path& file, const TransferOptions& options) {
  std::ifstream plain(file, std::ios::binary);
  std::error_code error;
  if (!plain || !std::filesystem::is_regular_file(file, error))
    return local("file-unreadable", "The file cannot be read.");
  auto ciphertext = NamelessFile::create(options.scratch);
  if (!ciphertext)
    return local("scratch-unusable",
                 "There is nowhere to put the encrypted file: " + options.scratch.string());

  Sealed sealed{
      .ciphertext = std::move(*ciphertext), .key = crypto::random_bytes(attachment::kKeySize), .sha256 = {}};
  auto cipher = attachment::ChunkCipher::create(sealed.key, as_bytes(attachment::kMessageFile));
  if (!cipher) return local("encryption-failed", "The file cannot be encrypted.");
  attachment::Encryptor encryptor(std::move(*cipher));
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  SecretBytes piece(kPiece);
  for (bool last = false; !last;) {
    plain.read(reinterpret_cast<char*>(piece.writable().data()), static_cast<std::streamsize>(kPiece));
    if (plain.bad()) return local("file-unreadable", "The file cannot be read to its end.");
    const auto got = static_cast<std::size_t>(plain.gcount());
    last = plain.eof();
    Bytes out;
    auto done = encryptor.update(piece.view().first(got), out);
    if (done && last) done = encryptor.finish(out);
    if (!done) return local("encryption-failed", "The file cannot be encrypted.");
    hasher.update(out);
    if (!sealed.ciphertext.append(out))
      return local("scratch-unusable", "There is no room for the encrypted file.");
    sealed.plain_size += got;
    sealed.size += out.size();
  }
  sealed.sha256 = hasher.finish();
  return sealed;
}

/// Sends what the server does not have. After a failure only the server knows how far it is, so it is asked.
std::expected<void, HttpError> send(FileServer& server, const std::string& conversation,
                                    const std::string& id, const Sealed& sealed,
                                    const TransferOptions& options) {
  Patience patience(options);
  std::optional<std::uint64_t> received;
  for (;;) {
    std::expected<UploadStanding, HttpError> standing;
    if (!received) {
      standing = server.begin(conversation, id, sealed.size, sealed.sha256);
    } else {
      const auto part = sealed.ciphertext.read(*received, kPartBytes);
      if (!part) return local("scratch-unusable", "The encrypted file cannot be read.");
      standing = server.put(conversation, id, *received, sealed.size, *part);
    }
    if (standing) {
      if (!received || standing->received > *received) patience = Patience(options);
      received = standing->received;
      if (options.progress) options.progress(*received, sealed.size);
      if (standing->complete || *received >= sealed.size) return {};
    } else if (is_transient(standing.error()) || standing.error().code == "wrong-offset") {
      received.reset();
      if (!patience.wait()) return std::unexpected(standing.error());
    } else {
      return std::unexpected(standing.error());
    }
  }
}

}  // namespace

std::expected<content::Attachment, HttpError> upload_file(FileServer& server,
                                                          const std::string& conversation_id,
                                                          const std::filesystem::path& file,
                                                          const TransferOptions& options) {
  auto sealed = seal(file, options);
  if (!sealed) return std::unexpected(sealed.error());
  content::Attachment attachment{.id = new_uuid(),
                                 .name = content::name_for(file.filename().string()),
                                 .type = media_type_of(file),
                                 .size = static_cast<std::int64_t>(sealed->plain_size)};
  std::ranges::copy(sealed->key, attachment.key.begin());
  std::ranges::copy(sealed->sha256, attachment.sha256.begin());
  wipe(sealed->key);
  auto sent = send(server, conversation_id, attachment.id, *sealed, options);
  if (sent) {
    const auto whole = patiently(options, [&] { return server.complete(conversation_id, attachment.id); });
    if (!whole) sent = std::unexpected(whole.error());
  }
  if (sent) return attachment;
  // If this fails too the server finds out by itself, a day later.
  (void)server.cancel(conversation_id, attachment.id);
  return std::unexpected(sent.error());
}

std::expected<std::filesystem::path, HttpError> download_file(FileServer& server,
                                                              const std::string& conversation_id,
                                                              const content::Attachment& attachment,
                                                              const std::filesystem::path& directory,
                                                              const TransferOptions& options) {
  const auto whole = attachment::sealed_size(static_cast<std::uint64_t>(attachment.size));
  if (!whole) return damaged();
  auto target = NamelessFile::create(directory);
  if (!target) return local("directory-unusable", "Nothing can be saved in " + directory.string() + ".");
  attachment::Decryptor decryptor(SecretBytes(ByteView(attachment.key)),
                                  to_bytes(as_bytes(attachment::kMessageFile)));
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  for (std::uint64_t at = 0; at < *whole;) {
    const auto part = patiently(options, [&] { return server.get(conversation_id, attachment.id, at); });
    if (!part) return std::unexpected(part.error());
    if (part->size != *whole || part->bytes.empty() || part->bytes.size() > *whole - at) return damaged();
    const ByteView bytes = as_bytes(part->bytes);
    hasher.update(bytes);
    at += bytes.size();
    Bytes plain;
    auto opened = decryptor.update(bytes, plain);
    if (opened && at == *whole) opened = decryptor.finish(plain);
    const bool written = opened && target->append(plain);
    wipe(plain);
    if (!opened) return damaged();
    if (!written) return local("directory-unusable", "There is no room in " + directory.string() + ".");
    if (options.progress) options.progress(at, *whole);
  }
  // The key alone would let any member pass off another file: the digest is what the sender named.
  if (!constant_time_equal(hasher.finish(), attachment.sha256)) return damaged();

  const std::filesystem::path name(content::name_for(attachment.name));
  for (int number = 0; number < kMostNumber; ++number) {
    auto path = directory / name;
    if (number > 0)
      path = directory /
             (name.stem().string() + " (" + std::to_string(number) + ")" + name.extension().string());
    bool taken = false;
    if (target->name(path, taken)) return path;
    if (!taken) break;
  }
  return local("directory-unusable", "The file cannot be saved in " + directory.string() + ".");
}

std::string media_type_of(const std::filesystem::path& file) {
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".jpg", "image/jpeg"},      {".jpeg", "image/jpeg"},       {".png", "image/png"},
      {".gif", "image/gif"},       {".webp", "image/webp"},       {".pdf", "application/pdf"},
      {".txt", "text/plain"},      {".csv", "text/csv"},          {".json", "application/json"},
      {".xml", "application/xml"}, {".dcm", "application/dicom"}, {".zip", "application/zip"},
      {".mp4", "video/mp4"},       {".mp3", "audio/mpeg"}};
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [known, type] : types)
    if (known == ending) return std::string(type);
  return "application/octet-stream";
}

}  // namespace wardline::client
