#include "client/attachments/transfer.h"

#include "client/attachments/nameless_file.h"
#include "client/attachments/patience.h"
#include "lib/attachment/stream.h"
#include "lib/crypto/hash.h"

namespace wardline::client {
namespace {

constexpr int kMostNumber = 1'000;

std::unexpected<HttpError> damaged() {
  return local("file-damaged", "This is not the file that was sent. Nothing was saved.");
}

}  // namespace

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
