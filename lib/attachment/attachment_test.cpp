// C2SP chunked-encryption, Cobblestone-256: agreement with others, and every way of tampering with a file.
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "lib/attachment/random_access.h"
#include "lib/attachment/stream.h"
#include "lib/bytes/text.h"
#include "lib/crypto/random.h"

namespace wardline::attachment {
namespace {

const Bytes kContext = to_bytes(as_bytes(kMessageFile));

Bytes plaintext(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>((7 * i + 3) % 251);
  return bytes;
}

struct SealedFile {
  Bytes key = crypto::random_bytes(kKeySize);
  Bytes sealed;
};

SealedFile encrypt(ByteView plain, std::size_t piece = 5000) {
  SealedFile file;
  Encryptor encryptor(*ChunkCipher::create(file.key, kContext));
  for (std::size_t at = 0; at < plain.size(); at += piece)
    EXPECT_TRUE(encryptor.update(plain.subspan(at, std::min(piece, plain.size() - at)), file.sealed));
  EXPECT_TRUE(encryptor.finish(file.sealed));
  return file;
}

Result<Bytes> decrypt(ByteView key, ByteView sealed, std::size_t piece = 7000, ByteView context = kContext) {
  Decryptor decryptor(SecretBytes(key), to_bytes(context));
  Bytes plain;
  for (std::size_t at = 0; at < sealed.size(); at += piece) {
    auto taken = decryptor.update(sealed.subspan(at, std::min(piece, sealed.size() - at)), plain);
    if (!taken) return std::unexpected(taken.error());
  }
  if (auto ended = decryptor.finish(plain); !ended) return std::unexpected(ended.error());
  return plain;
}

std::string outcome(const auto& result) { return result ? "accepted" : std::string(name_of(result.error())); }

TEST(Attachment, Msg4FilesOfAnotherImplementationOpenAndOursAreTheSameBytes) {
  std::ifstream stream(WARDLINE_SOURCE_DIR "/lib/attachment/testdata/cobblestone-256.json");
  const auto document = boost::json::parse(stream).as_object();
  const auto& vectors = document.at("vectors").as_array();
  ASSERT_GE(vectors.size(), 7u);
  for (const auto& item : vectors) {
    const auto text = [&](const char* name) { return std::string(item.at(name).as_string()); };
    const auto size = static_cast<std::size_t>(item.at("size").as_int64());
    const Bytes key = *from_hex(text("key"));
    const std::string context = text("context");
    const Bytes theirs = *from_base64(text("sealed"));
    // Encrypting under the salt that they drew must give their file: `resume` checks their commitment first.
    Encryptor encryptor(*ChunkCipher::resume(key, as_bytes(context), ByteView(theirs).first(kHeaderSize)));
    Bytes sealed;
    ASSERT_TRUE(encryptor.update(plaintext(size), sealed));
    ASSERT_TRUE(encryptor.finish(sealed));
    EXPECT_TRUE(equal(sealed, theirs)) << size;
    EXPECT_EQ(decrypt(key, theirs, 7000, as_bytes(context)), plaintext(size));
  }
}

TEST(Attachment, RoundTripsAtEveryChunkBoundaryAndInPiecesOfAnySize) {
  for (const std::size_t size :
       {0uz, 1uz, kChunkSize - 1, kChunkSize, kChunkSize + 1, 2 * kChunkSize, 70'000uz}) {
    for (const std::size_t piece : {1uz, 333uz, kChunkSize, kSealedChunkSize, 100'000uz}) {
      if (piece == 1 && size > kChunkSize + 1) continue;
      const auto file = encrypt(plaintext(size), piece);
      EXPECT_EQ(file.sealed.size(), sealed_size(size)) << size;
      EXPECT_EQ(plain_size(file.sealed.size()), size);
      EXPECT_EQ(decrypt(file.key, file.sealed, piece), plaintext(size)) << size << " in " << piece;
    }
  }
}

TEST(Attachment, TheSameFileTwiceIsNotTheSameCiphertext) {
  const Bytes key = crypto::random_bytes(kKeySize);
  EXPECT_FALSE(
      equal(ChunkCipher::create(key, kContext)->header(), ChunkCipher::create(key, kContext)->header()));
}

TEST(Attachment, EveryTruncationIsRefused) {
  const auto file = encrypt(plaintext(kChunkSize + 100));
  for (std::size_t length = 0; length < file.sealed.size(); length += length < 100 ? 1 : 97) {
    EXPECT_FALSE(decrypt(file.key, ByteView(file.sealed).first(length))) << length;
  }
  // At a chunk's end nothing is damaged: that the short chunk is missing is all there is to see.
  EXPECT_EQ(outcome(decrypt(file.key, ByteView(file.sealed).first(kHeaderSize + kSealedChunkSize))),
            "truncated");
  EXPECT_EQ(outcome(decrypt(file.key, ByteView(file.sealed).first(kHeaderSize))), "truncated");
}

TEST(Attachment, ExtensionsAndChunksOutOfPlaceAreRefused) {
  const auto file = encrypt(plaintext(3 * kChunkSize + 10));
  const auto chunk = [&](std::size_t index) {
    return ByteView(file.sealed).subspan(kHeaderSize + index * kSealedChunkSize, kSealedChunkSize);
  };
  const ByteView header = ByteView(file.sealed).first(kHeaderSize);
  const ByteView end = ByteView(file.sealed).subspan(kHeaderSize + 3 * kSealedChunkSize);
  ASSERT_TRUE(decrypt(file.key, concat(header, chunk(0), chunk(1), chunk(2), end)));
  const Bytes attacks[] = {
      concat(header, chunk(1), chunk(0), chunk(2), end),            // swapped
      concat(header, chunk(0), chunk(2), end),                      // one left out
      concat(header, chunk(0), chunk(0), chunk(1), chunk(2), end),  // one doubled
      concat(header, end),                                          // the end alone
      concat(header, chunk(0), end),                                // the end too early
      concat(header, chunk(0), chunk(1), chunk(2), end, end),       // something behind the end
      concat(header, chunk(0), chunk(1), chunk(2), chunk(2), end),  // one more
  };
  for (const Bytes& attack : attacks) EXPECT_EQ(outcome(decrypt(file.key, attack)), "damaged");
}

TEST(Attachment, EveryFlippedBitIsRefused) {
  const auto file = encrypt(plaintext(kChunkSize + 40));
  for (std::size_t at = 0; at < file.sealed.size();
       at += at < kHeaderSize + 20 || at > kHeaderSize + kSealedChunkSize - 20 ? 1 : 501) {
    Bytes flipped = file.sealed;
    flipped[at] ^= static_cast<std::uint8_t>(1u << (at % 8));
    EXPECT_EQ(outcome(decrypt(file.key, flipped)), at < kHeaderSize ? "wrong key" : "damaged") << at;
  }
}

TEST(Attachment, AnotherKeyContextOrHeaderIsRefusedBeforeAnyChunkIsOpened) {
  const auto file = encrypt(plaintext(100));
  const auto other = encrypt(plaintext(100));
  const ByteView body = ByteView(file.sealed).subspan(kHeaderSize);
  EXPECT_EQ(outcome(decrypt(other.key, file.sealed)), "wrong key");
  EXPECT_EQ(outcome(decrypt(file.key, file.sealed, 7000, as_bytes("another context"))), "wrong key");
  EXPECT_EQ(outcome(decrypt(file.key, concat(ByteView(other.sealed).first(kHeaderSize), body))), "wrong key");
  EXPECT_EQ(outcome(decrypt(ByteView(file.key).first(16), file.sealed)), "bad key");
  EXPECT_EQ(outcome(ChunkCipher::create(Bytes(31), kContext)), "bad key");
  EXPECT_EQ(outcome(ChunkCipher::resume(file.key, kContext, ByteView(file.sealed).first(20))), "wrong key");
}

TEST(Attachment, ChunksThatAreTooLongAndNumbersThatAreTooHighAreRefused) {
  auto cipher = *ChunkCipher::create(crypto::random_bytes(kKeySize), kContext);
  EXPECT_EQ(outcome(cipher.seal(0, Bytes(kChunkSize + 1))), "bad length");
  EXPECT_EQ(outcome(cipher.seal(kMostChunks, {})), "too long");
  EXPECT_EQ(outcome(cipher.open(0, Bytes(kSealedChunkSize + 1))), "bad length");
  EXPECT_EQ(outcome(cipher.open(0, Bytes(kTagSize - 1))), "bad length");
  EXPECT_EQ(outcome(cipher.open(kMostChunks, Bytes(kTagSize))), "too long");
  EXPECT_TRUE(cipher.open(kMostChunks - 1, *cipher.seal(kMostChunks - 1, Bytes(5))));
}

TEST(Attachment, LengthsThatNoFileHasAreNone) {
  EXPECT_EQ(sealed_size(0), kHeaderSize + kTagSize);
  EXPECT_EQ(sealed_size(kChunkSize), kHeaderSize + kSealedChunkSize + kTagSize);
  EXPECT_TRUE(sealed_size(kLargestFile));
  EXPECT_FALSE(sealed_size(kLargestFile + 1));
  EXPECT_EQ(plain_size(*sealed_size(kLargestFile)), kLargestFile);
  EXPECT_FALSE(plain_size(*sealed_size(kLargestFile) + 1 + kTagSize));
  for (const std::uint64_t none :
       {0ul, 55ul, kHeaderSize, kHeaderSize + kTagSize - 1, kHeaderSize + kSealedChunkSize,
        kHeaderSize + kSealedChunkSize + kTagSize - 1})
    EXPECT_FALSE(plain_size(none)) << none;
}

TEST(Attachment, EveryPartIsTheSameAsInTheWhole) {
  for (const std::size_t size : {0uz, 5uz, kChunkSize, 3 * kChunkSize, 3 * kChunkSize + 77}) {
    const Bytes whole = plaintext(size);
    const auto file = encrypt(whole);
    auto access = RandomAccess::create(file.key, kContext, ByteView(file.sealed).first(kHeaderSize),
                                       file.sealed.size());
    ASSERT_TRUE(access);
    EXPECT_EQ(access->size(), size);
    for (std::size_t offset = 0; offset <= size; offset += 4093) {
      for (const std::size_t wanted : {0uz, 1uz, 100uz, kChunkSize, 2 * kChunkSize, size}) {
        const std::size_t length = std::min(wanted, size - offset);
        const auto range = access->locate(offset, length);
        ASSERT_TRUE(range);
        ASSERT_LE(range->offset + range->length, file.sealed.size());
        ASSERT_LE(range->length, length + 2 * kSealedChunkSize);  // Never more than what touches the part.
        const auto part =
            access->open(offset, length, ByteView(file.sealed).subspan(range->offset, range->length));
        ASSERT_TRUE(part) << name_of(part.error()) << " " << offset << "+" << length;
        EXPECT_TRUE(equal(part->view(), ByteView(whole).subspan(offset, length))) << offset << "+" << length;
      }
    }
  }
}

TEST(Attachment, PartsAreRefusedThatAreOutsideAlteredOrFromElsewhere) {
  const auto file = encrypt(plaintext(2 * kChunkSize + 77));
  const ByteView header = ByteView(file.sealed).first(kHeaderSize);
  auto access = *RandomAccess::create(file.key, kContext, header, file.sealed.size());
  EXPECT_EQ(outcome(access.locate(access.size(), 1)), "out of range");
  EXPECT_EQ(outcome(access.locate(access.size() + 1, 0)), "out of range");
  EXPECT_EQ(outcome(access.locate(1, ~std::uint64_t{0})), "out of range");
  const auto first = *access.locate(0, 10);
  EXPECT_EQ(first.length, kSealedChunkSize);
  const ByteView second_chunk =
      ByteView(file.sealed).subspan(kHeaderSize + kSealedChunkSize, kSealedChunkSize);
  EXPECT_EQ(outcome(access.open(0, 10, second_chunk)), "damaged");
  EXPECT_EQ(outcome(access.open(0, 10, second_chunk.first(100))), "bad length");
}

TEST(Attachment, ALengthThatTheFileDoesNotHaveShowsAtItsEnd) {
  const auto file = encrypt(plaintext(2 * kChunkSize + 77));
  const ByteView header = ByteView(file.sealed).first(kHeaderSize);
  EXPECT_EQ(outcome(RandomAccess::create(file.key, kContext, header, kHeaderSize + kSealedChunkSize)),
            "truncated");
  EXPECT_EQ(outcome(RandomAccess::create(file.key, kContext, header, kHeaderSize + 3)), "bad length");
  auto shorter = *RandomAccess::create(file.key, kContext, header, file.sealed.size() - 1);
  const auto end = *shorter.locate(shorter.size(), 0);
  EXPECT_EQ(outcome(shorter.open(shorter.size(), 0, ByteView(file.sealed).subspan(end.offset, end.length))),
            "damaged");
}

}  // namespace
}  // namespace wardline::attachment
