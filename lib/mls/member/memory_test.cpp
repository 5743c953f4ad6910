// Forward secrecy in memory (RFC 9420 §9.2, §14.1): secrets that were used or outlived are nowhere in the
// process any more.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "lib/mls/member/test_member.h"

namespace wardline::mls {
namespace {

constexpr std::uint8_t kMask = 0xa5;

/// A secret that is remembered in a disguise, so that the copy is not found itself.
Bytes disguise(ByteView secret) {
  Bytes masked;
  for (const std::uint8_t byte : secret) masked.push_back(byte ^ kMask);
  return masked;
}

bool is_at(const std::uint8_t* memory, const Bytes& masked) {
  for (std::size_t i = 0; i < masked.size(); ++i) {
    if ((memory[i] ^ kMask) != masked[i]) return false;
  }
  return true;
}

// Reading through the kernel sees what AddressSanitizer holds in quarantine too: freed memory that was not
// wiped.
int count_in(std::uint64_t from, std::uint64_t to, int memory, const Bytes& masked) {
  static std::uint8_t window[1 << 16];
  const auto own = reinterpret_cast<std::uint64_t>(window);
  int count = 0;
  for (std::uint64_t at = from; at < to; at += sizeof window - masked.size()) {
    if (at + sizeof window > own && at < own + sizeof window) continue;  // The window itself.
    const auto got =
        pread(memory, window, std::min<std::uint64_t>(sizeof window, to - at), static_cast<off_t>(at));
    if (got <= 0) continue;
    for (std::size_t i = 0; i + masked.size() <= static_cast<std::size_t>(got); ++i) {
      if (window[i] == (masked[0] ^ kMask) && is_at(window + i, masked)) ++count;
    }
  }
  std::memset(window, 0, sizeof window);
  return count;
}

/// How often the secret lies in writable memory of this process, stack included.
int occurrences(const Bytes& masked) {
  const int memory = open("/proc/self/mem", O_RDONLY);
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long from = 0;
    unsigned long to = 0;
    char mode[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, mode) != 3) continue;
    // The shadow of the sanitizer is terabytes of nothing.
    if (mode[0] != 'r' || mode[1] != 'w' || to - from > (1UL << 30)) continue;
    count += count_in(from, to, memory, masked);
  }
  close(memory);
  return count;
}

TEST(SecretsInMemory, TheSearchFindsWhatIsThere) {
  const SecretBytes secret = crypto::random_secret(32);
  EXPECT_GE(occurrences(disguise(secret.view())), 1);
}

TEST(SecretsInMemory, AMessageKeyIsGoneOnceItIsConsumed) {
  const Suite& suite = *crypto::find_suite(CipherSuite::p256_aes128gcm_sha256_p256);
  SecretTree tree(suite, crypto::random_secret(32), 8);
  Bytes key;
  {
    auto found = tree.find({3}, RatchetKind::application, 2, {});
    key = disguise(found->key().view());
    EXPECT_GE(occurrences(key), 1);
    tree.consume(std::move(*found), {});
  }
  EXPECT_EQ(occurrences(key), 0);
}

TEST(SecretsInMemory, NodesOfTheSecretTreeAreGoneOnceTheirChildrenAreThere) {
  const Suite& suite = *crypto::find_suite(CipherSuite::p256_aes128gcm_sha256_p256);
  SecretBytes root = crypto::random_secret(32);
  const Bytes masked = disguise(root.view());
  SecretTree tree(suite, std::move(root), 8);
  EXPECT_GE(occurrences(masked), 1);
  EXPECT_TRUE(tree.next({0}, RatchetKind::application).has_value());
  EXPECT_EQ(occurrences(masked), 0);
}

struct Pair : TestWorld {
  Pair() {
    GroupConfig config;
    config.kept_epochs = 0;
    create("alice", config);
    add(*members[0], "bob");
  }
  TestMember& alice() { return *members[0]; }
  TestMember& bob() { return *members[1]; }
};

TEST(SecretsInMemory, TheSecretsOfAnEpochAreGoneWhenItIsOver) {
  Pair pair;
  const Bytes authenticator = disguise(pair.alice().group->epoch_authenticator());
  const Bytes resumption =
      disguise(pair.alice().group->resumption_psk(ResumptionPskUsage::application).secret.view());
  EXPECT_GE(occurrences(resumption), 2);  // Alice's and Bob's.
  pair.commit(pair.alice(), {.with_path = true});
  EXPECT_EQ(occurrences(authenticator), 0);
  EXPECT_EQ(occurrences(resumption), 0);
}

TEST(SecretsInMemory, NothingIsLeftOfAGroupThatIsDropped) {
  Pair pair;
  const Bytes authenticator = disguise(pair.alice().group->epoch_authenticator());
  pair.alice().group.reset();
  pair.bob().group.reset();
  EXPECT_EQ(occurrences(authenticator), 0);
}

TEST(SecretsInMemory, StorageLeavesNoCopyBehind) {
  Pair pair;
  const SealingKey key = SealingKey::generate();
  const Bytes resumption =
      disguise(pair.alice().group->resumption_psk(ResumptionPskUsage::application).secret.view());
  const int before = occurrences(resumption);
  const Bytes sealed = pair.alice().group->serialize(key).value();
  EXPECT_EQ(occurrences(resumption), before);
  {
    const Group loaded = Group::load(key, sealed).value();
  }
  EXPECT_EQ(occurrences(resumption), before);
}

}  // namespace
}  // namespace wardline::mls
