#include "server/storage/keys/file_kms.h"

#include <sys/stat.h>

#include <fstream>

#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/random.h"
#include "tests/support/result.h"
#include "tests/support/test_database.h"

namespace wardline::storage {
namespace {

class FileKmsTest : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return directory_.path() / "keys" / "kms.key"; }
  std::string content() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void overwrite(const std::string& text) const { std::ofstream(file()) << text; }
  SecretBytes unlock(std::uint8_t seed = 1) const { return SecretBytes(Bytes(32, seed)); }

  support::TemporaryDirectory directory_;
  SecretBytes key_ = crypto::random_secret(32);
  Bytes context_{1, 2, 3};
};

TEST_F(FileKmsTest, WhatItWrapsItUnwrapsAfterARestart) {
  auto kms = FileKms::create(file());
  ASSERT_TRUE(kms);
  const auto wrapped = (*kms)->wrap(key_, context_);
  ASSERT_TRUE(wrapped);
  auto again = FileKms::open(file());
  ASSERT_TRUE(again);
  const auto opened = (*again)->unwrap(*wrapped, context_);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(constant_time_equal(opened->view(), key_.view()));
}

TEST_F(FileKmsTest, AnotherContextOrAnAlteredKeyDoesNotUnwrap) {
  auto kms = FileKms::create(file());
  auto wrapped = *(*kms)->wrap(key_, context_);
  EXPECT_EQ(support::code_of((*kms)->unwrap(wrapped, Bytes{1, 2})), "kms-unwrap-failed");
  wrapped.bytes.back() ^= 1;
  EXPECT_EQ(support::code_of((*kms)->unwrap(wrapped, context_)), "kms-unwrap-failed");
  wrapped.bytes.clear();
  EXPECT_EQ(support::code_of((*kms)->unwrap(wrapped, context_)), "kms-unwrap-failed");
}

TEST_F(FileKmsTest, TheWrongKeyFileSaysSo) {
  auto kms = FileKms::create(file());
  auto other = FileKms::create(directory_.path() / "other.key");
  const auto wrapped = (*kms)->wrap(key_, context_);
  EXPECT_EQ(support::code_of((*other)->unwrap(*wrapped, context_)), "wrong-kms-key");
}

TEST_F(FileKmsTest, TheFileIsForItsOwnerAloneAndRefusedOtherwise) {
  ASSERT_TRUE(FileKms::create(file()));
  struct stat info{};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  for (const mode_t mode : {0640, 0604, 0660}) {
    ::chmod(file().c_str(), mode);
    const auto refused = FileKms::open(file());
    ASSERT_FALSE(refused);
    EXPECT_EQ(support::code_of(refused), "key-file-permissions");
  }
}

TEST_F(FileKmsTest, AMissingFileIsNeverReplacedByAFreshKey) {
  EXPECT_EQ(support::code_of(FileKms::open(file())), "key-file-missing");
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(FileKmsTest, AnExistingFileIsNeverOverwritten) {
  ASSERT_TRUE(FileKms::create(file()));
  const std::string before = content();
  EXPECT_EQ(support::code_of(FileKms::create(file())), "key-file-exists");
  EXPECT_EQ(content(), before);
}

TEST_F(FileKmsTest, ADamagedFileIsRefused) {
  ASSERT_TRUE(FileKms::create(file()));
  const std::string good = content();
  for (const std::string& bad :
       {std::string(), std::string("not a key file\n"), good.substr(0, good.size() - 1),
        good.substr(0, good.find('\n') + 1), good + "rest", good.substr(0, good.size() - 3) + "\n",
        std::string(good).replace(good.size() - 3, 1, "z")}) {
    overwrite(bad);
    const auto refused = FileKms::open(file());
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(support::code_of(refused), "key-file-invalid");
  }
}

TEST_F(FileKmsTest, RotationWrapsWithTheNewKeyAndStillUnwrapsTheOld) {
  auto kms = FileKms::create(file());
  const auto old = (*kms)->wrap(key_, context_);
  ASSERT_TRUE((*kms)->rotate());
  const auto fresh = (*kms)->wrap(key_, context_);
  EXPECT_NE(old->wrapping_key, fresh->wrapping_key);
  EXPECT_EQ(fresh->wrapping_key, (*kms)->current_key());
  auto again = FileKms::open(file());
  ASSERT_TRUE(again);
  EXPECT_TRUE((*again)->unwrap(*old, context_));
  EXPECT_TRUE((*again)->unwrap(*fresh, context_));
  EXPECT_EQ((*again)->current_key(), (*kms)->current_key());
}

TEST_F(FileKmsTest, WithAnUnlockSecretTheFileAloneOpensNothing) {
  auto kms = FileKms::create(file(), unlock());
  ASSERT_TRUE(kms);
  const auto wrapped = (*kms)->wrap(key_, context_);
  EXPECT_EQ(support::code_of(FileKms::open(file())), "key-file-locked");
  EXPECT_EQ(support::code_of(FileKms::open(file(), unlock(2))), "key-file-locked");
  auto again = FileKms::open(file(), unlock());
  ASSERT_TRUE(again);
  EXPECT_TRUE((*again)->unwrap(*wrapped, context_));
  ASSERT_TRUE((*again)->rotate());
  EXPECT_TRUE((*FileKms::open(file(), unlock()))->unwrap(*wrapped, context_));
}

}  // namespace
}  // namespace wardline::storage
