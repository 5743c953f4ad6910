#include <fstream>

#include "client/account/uuid.h"
#include "client/attachments/nameless_file.h"
#include "client/attachments/patience.h"
#include "client/attachments/picture.h"
#include "lib/attachment/stream.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace wardline::client {
namespace {

constexpr std::size_t kPiece = 256U << 10;

/// What is sent of a file, piece by piece.
class Outgoing {
 public:
  Outgoing(std::istream& file, std::vector<Portion> portions) : file_(file), portions_(std::move(portions)) {}

  /// Fills `piece`, but for the last. Gives how much that is; nothing if the file has changed or cannot be
  /// read.
  std::optional<std::size_t> read(std::span<std::uint8_t> piece) {
    std::size_t got = 0;
    while (got < piece.size() && at_ < portions_.size()) {
      const Portion& portion = portions_[at_];
      const std::uint64_t size = portion.instead.empty() ? portion.size : portion.instead.size();
      const auto part = piece.subspan(got, std::min<std::uint64_t>(piece.size() - got, size - taken_));
      if (!portion.instead.empty()) {
        std::ranges::copy(as_bytes(portion.instead).subspan(taken_, part.size()), part.begin());
      } else if (!read_at(portion.first + taken_, part)) {
        return std::nullopt;
      }
      got += part.size();
      taken_ += part.size();
      if (taken_ == size) {
        ++at_;
        taken_ = 0;
      }
    }
    return got;
  }
  bool at_end() const { return at_ == portions_.size(); }

 private:
  bool read_at(std::uint64_t place, std::span<std::uint8_t> part) {
    file_.seekg(static_cast<std::streamoff>(place));
    file_.read(reinterpret_cast<char*>(part.data()), static_cast<std::streamsize>(part.size()));
    return static_cast<std::size_t>(file_.gcount()) == part.size();
  }
  std::istream& file_;
  const std::vector<Portion> portions_;
  std::size_t at_ = 0;
  std::uint64_t taken_ = 0;  ///< of the portion that is sent now
};

/// What goes to the server, and the key that does not.
struct Sealed {
  NamelessFile ciphertext;
  UploadKey key;
  bool is_begun = false;  ///< in an earlier run
  std::uint64_t plain_size = 0;
  std::uint64_t size = 0;
  Bytes plain_sha256;
  Bytes sha256;
};

std::unexpected<HttpError> unreadable() {
  return local("file-unreadable", "The file cannot be read to its end.");
}

std::expected<Bytes, HttpError> digest(Outgoing outgoing) {
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  SecretBytes piece(kPiece);
  while (!outgoing.at_end()) {
    const auto got = outgoing.read(piece.writable());
    if (!got) return unreadable();
    hasher.update(piece.view().first(*got));
  }
  return hasher.finish();
}

std::expected<void, HttpError> encrypt(Outgoing outgoing, attachment::ChunkCipher cipher, Sealed& sealed) {
  attachment::Encryptor encryptor(std::move(cipher));
  crypto::Hasher plain(crypto::HashAlgorithm::sha256);
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  SecretBytes piece(kPiece);
  for (bool last = false; !last;) {
    const auto got = outgoing.read(piece.writable());
    if (!got) return unreadable();
    last = outgoing.at_end();
    const ByteView bytes = piece.view().first(*got);
    plain.update(bytes);
    Bytes out;
    auto done = encryptor.update(bytes, out);
    if (done && last) done = encryptor.finish(out);
    if (!done) return local("encryption-failed", "The file cannot be encrypted.");
    hasher.update(out);
    if (!sealed.ciphertext.append(out))
      return local("scratch-unusable", "There is no room for the encrypted file.");
    sealed.plain_size += *got;
    sealed.size += out.size();
  }
  // The key may be of an earlier run: under it nothing else than what it was made for may leave.
  if (plain.finish() != sealed.plain_sha256) return unreadable();
  sealed.sha256 = hasher.finish();
  return {};
}

/// The key of the upload that an earlier run began with these bytes, or a new one.
std::expected<attachment::ChunkCipher, HttpError> cipher_for(const std::string& conversation, Sealed& sealed,
                                                             UploadMemory* memory) {
  const auto refused = local("encryption-failed", "The file cannot be encrypted.");
  const ByteView context = as_bytes(attachment::kMessageFile);
  if (auto begun = memory ? memory->find(conversation, sealed.plain_sha256) : std::nullopt) {
    auto cipher = attachment::ChunkCipher::resume(begun->key.view(), context, begun->header);
    if (cipher) {
      sealed.key = std::move(*begun);
      sealed.is_begun = true;
      return std::move(*cipher);
    }
  }
  sealed.key.file_id = new_uuid();
  sealed.key.key = crypto::random_secret(attachment::kKeySize);
  auto cipher = attachment::ChunkCipher::create(sealed.key.key.view(), context);
  if (!cipher) return refused;
  sealed.key.header = to_bytes(cipher->header());
  return std::move(*cipher);
}

std::expected<Sealed, HttpError> seal(const std::string& conversation, const std::filesystem::path& file,
                                      const TransferOptions& options) {
  std::ifstream plain(file, std::ios::binary);
  std::error_code error;
  if (!plain || !std::filesystem::is_regular_file(file, error))
    return local("file-unreadable", "The file cannot be read.");
  const auto portions = portions_without_metadata(plain);
  if (!portions)
    return local("picture-unreadable",
                 "This photo is damaged or cut off: what it says about where and when it was taken cannot be "
                 "taken out. It was not sent.");
  auto ciphertext = NamelessFile::create(options.scratch);
  if (!ciphertext)
    return local("scratch-unusable",
                 "There is nowhere to put the encrypted file: " + options.scratch.string());
  Sealed sealed{.ciphertext = std::move(*ciphertext), .key = {}, .plain_sha256 = {}, .sha256 = {}};
  auto read = digest(Outgoing(plain, *portions));
  if (!read) return std::unexpected(read.error());
  sealed.plain_sha256 = std::move(*read);
  auto cipher = cipher_for(conversation, sealed, options.memory);
  if (!cipher) return std::unexpected(cipher.error());
  if (auto done = encrypt(Outgoing(plain, *portions), std::move(*cipher), sealed); !done)
    return std::unexpected(done.error());
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
  auto sealed = seal(conversation_id, file, options);
  if (!sealed) return std::unexpected(sealed.error());
  UploadMemory* const memory = options.memory;
  // Before anything leaves: what is not remembered is begun anew.
  if (memory && !sealed->is_begun) memory->keep(conversation_id, sealed->plain_sha256, sealed->key);
  content::Attachment attachment{.id = sealed->key.file_id,
                                 .name = content::name_for(file.filename().string()),
                                 .type = media_type_of(file),
                                 .size = static_cast<std::int64_t>(sealed->plain_size)};
  std::ranges::copy(sealed->key.key.view(), attachment.key.begin());
  std::ranges::copy(sealed->sha256, attachment.sha256.begin());
  auto sent = send(server, conversation_id, attachment.id, *sealed, options);
  if (sent) {
    const auto whole = patiently(options, [&] { return server.complete(conversation_id, attachment.id); });
    if (!whole) sent = std::unexpected(whole.error());
  }
  if (!sent && memory && is_transient(sent.error())) return std::unexpected(sent.error());
  if (memory) memory->forget(conversation_id, sealed->plain_sha256);
  if (sent) return attachment;
  // If this fails too the server finds out by itself, a day later.
  (void)server.cancel(conversation_id, attachment.id);
  return std::unexpected(sent.error());
}

}  // namespace wardline::client
