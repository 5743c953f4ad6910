#include "lib/merkle/note.h"

#include <gtest/gtest.h>

#include "lib/bytes/text.h"

namespace wardline::merkle {
namespace {

// The example of C2SP signed-note.
constexpr std::string_view kExampleKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kExampleNote =
    "This is an example message.\n\n"
    "— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
// The example of Go's golang.org/x/mod/sumdb/note.
constexpr std::string_view kGoSigner =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr std::string_view kGoVerifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kGoNote =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

NoteSigner signer(std::string name = "log.example/one", NoteKeyType type = NoteKeyType::ed25519) {
  return *NoteSigner::generate(std::move(name), type);
}

TEST(Note, TheSpecificationsExampleVerifies) {
  const auto key = NoteVerifier::parse(kExampleKey);
  ASSERT_TRUE(key);
  const auto note = parse_note(kExampleNote);
  ASSERT_TRUE(note);
  EXPECT_TRUE(verify_note(*note, {&*key, 1}));
  EXPECT_EQ(format_note(*note), kExampleNote);
  EXPECT_EQ(key->to_text(), kExampleKey);
}

TEST(Note, SignsByteForByteAsGosNotePackageDoes) {
  const auto key = NoteSigner::parse(kGoSigner);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->verifier().to_text(), kGoVerifier);
  EXPECT_EQ(as_text(key->to_text().view()), kGoSigner);
  Note note = *parse_note(kGoNote);
  note.signatures = {*sign_note(note.text, *key)};
  EXPECT_EQ(format_note(note), kGoNote);
}

TEST(Note, AKeyThatIsDamagedInAnyCharacterIsRefused) {
  for (const std::string_view good : {kExampleKey, kGoVerifier}) {
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string bad(good);
      bad[i] = static_cast<char>(bad[i] ^ 1);
      EXPECT_FALSE(NoteVerifier::parse(bad)) << bad;
      EXPECT_FALSE(NoteVerifier::parse(good.substr(0, i)));
    }
    EXPECT_FALSE(NoteVerifier::parse(std::string(good) + "\n"));
  }
  for (std::size_t i = 0; i < kGoSigner.size(); ++i) {
    std::string bad(kGoSigner);
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(NoteSigner::parse(bad)) << bad;
  }
  EXPECT_FALSE(NoteVerifier::parse("x+00000000+Bg=="));
}

TEST(Note, AnyChangedByteOfASignedNoteIsNoticed) {
  const auto key = NoteVerifier::parse(kExampleKey);
  for (std::size_t i = 0; i < kExampleNote.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad(kExampleNote);
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      const auto note = parse_note(bad);
      EXPECT_FALSE(note && verify_note(*note, {&*key, 1})) << bad;
    }
  }
}

TEST(Note, IsRefusedWhenItsFormIsNotExact) {
  const std::string signature = "— a AAAAAAA=\n";
  ASSERT_TRUE(parse_note("text\n\n" + signature));
  for (const std::string& bad : std::vector<std::string>{"",
                                                         "\n",
                                                         "text\n",
                                                         "text\n\n",
                                                         "text" + signature,
                                                         "text\n" + signature,
                                                         "text\n\n" + signature + "\n",
                                                         "text\n\n" + signature + "x",
                                                         "text\n\n— a AAAAAAA=",
                                                         "text\n\n- a AAAAAAA=\n",
                                                         "text\n\n—a AAAAAAA=\n",
                                                         "text\n\n— a  AAAAAAA=\n",
                                                         "text\n\n— a AAAAAA==\n",
                                                         "text\n\n— a AAAAAAA\n",
                                                         "text\n\n— a+b AAAAAAA=\n",
                                                         "text\n\n—  AAAAAAA=\n",
                                                         "text\n\n— a\xc2\xa0"
                                                         "b AAAAAAA=\n",
                                                         "te\txt\n\n" + signature,
                                                         std::string("te\0xt\n\n", 7) + signature,
                                                         "te\xffxt\n\n" + signature,
                                                         "te\xc0\x80xt\n\n" + signature,
                                                         "te\xed\xa0\x80xt\n\n" + signature,
                                                         "te\xf4\x90\x80\x80\n\n" + signature,
                                                         "te\xe2\x80\n\n" + signature,
                                                         "text\r\n\n" + signature}) {
    EXPECT_EQ(parse_note(bad).error(), Error::malformed) << bad;
  }
  std::string many = "text\n\n";
  for (std::size_t i = 0; i < kMostSignatures; ++i) many += signature;
  EXPECT_TRUE(parse_note(many));
  EXPECT_FALSE(parse_note(many + signature));
  EXPECT_FALSE(parse_note(std::string(kLargestNote, 'x') + "\n\n" + signature));
}

TEST(Note, TheLastEmptyLineSeparatesTheSignatures) {
  const NoteSigner key = signer();
  Note note{"one\n\ntwo\n", {}};
  note.signatures.push_back(*sign_note(note.text, key));
  const auto back = parse_note(format_note(note));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, note);
}

TEST(Note, StrangersSignaturesAreIgnoredAndAFalseOneOfAKnownKeyIsNot) {
  const NoteSigner log = signer("log");
  const NoteSigner stranger = signer("log");  // The same name with another key is a stranger.
  Note note{"text\n", {}};
  note.signatures.push_back(*sign_note(note.text, stranger));
  EXPECT_EQ(verify_note(note, {&log.verifier(), 1}).error(), Error::unknown_key);
  note.signatures.push_back(*sign_note(note.text, log));
  EXPECT_TRUE(verify_note(note, {&log.verifier(), 1}));
  note.signatures.push_back(*sign_note("other\n", log));
  EXPECT_EQ(verify_note(note, {&log.verifier(), 1}).error(), Error::bad_signature);
}

TEST(Note, OnlyTextThatANoteMayHoldIsSigned) {
  const NoteSigner key = signer();
  EXPECT_EQ(sign_note("no newline", key).error(), Error::malformed);
  EXPECT_EQ(sign_note("a\rb\n", key).error(), Error::malformed);
  EXPECT_FALSE(NoteSigner::generate("two words", NoteKeyType::ed25519));
  EXPECT_FALSE(NoteSigner::generate("", NoteKeyType::ed25519));
}

TEST(Cosignature, CarriesTheTimeOfTheSpecificationsExample) {
  const auto note = parse_note(
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
      "— example.com/behind-the-sofa "
      "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
      "— witness.example.com/w1 "
      "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/"
      "zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n");
  ASSERT_TRUE(note);
  ASSERT_EQ(note->signatures.size(), 2u);
  EXPECT_EQ(cosignature_time(note->signatures[1].signature), 1679315147u);
  EXPECT_FALSE(cosignature_time(note->signatures[0].signature));
}

TEST(Cosignature, CoversTextAndTime) {
  const NoteSigner witness = signer("witness.example", NoteKeyType::cosignature);
  Note note{"log\n0\nroot\n", {}};
  note.signatures.push_back(*sign_note(note.text, witness, 1700000000));
  EXPECT_EQ(cosignature_time(note.signatures[0].signature), 1700000000u);
  EXPECT_TRUE(verify_note(note, {&witness.verifier(), 1}));
  for (std::size_t i = 0; i < note.signatures[0].signature.size(); ++i) {
    Note bad = note;
    bad.signatures[0].signature[i] ^= 0x80;
    EXPECT_EQ(verify_note(bad, {&witness.verifier(), 1}).error(), Error::bad_signature) << i;
  }
  note.text = "log\n1\nroot\n";
  EXPECT_EQ(verify_note(note, {&witness.verifier(), 1}).error(), Error::bad_signature);
}

TEST(Cosignature, AKeyForOneTypeIsAnotherKeyForTheOther) {
  const Bytes seed(32, 9);
  const auto plain = NoteSigner::create("w", NoteKeyType::ed25519, seed);
  const auto cosigner = NoteSigner::create("w", NoteKeyType::cosignature, seed);
  EXPECT_NE(plain->verifier().key_id(), cosigner->verifier().key_id());
  const auto back = NoteVerifier::parse(cosigner->verifier().to_text());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->type(), NoteKeyType::cosignature);
}

}  // namespace
}  // namespace wardline::merkle
