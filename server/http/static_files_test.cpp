#include "server/http/static_files.h"

#include <fstream>

#include <gtest/gtest.h>

#include "server/http/origin_check.h"
#include "server/http/rate_limiter.h"

namespace wardline::http {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "wardline-web-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    write("index.html", "<!doctype html>");
    write("assets/index-DiwrgTda.js", "let a;");
    write("assets/index-DiwrgTda.js.br", "brotli");
    write("assets/index-DiwrgTda.js.gz", "gzip");
    write("assets/mls.wasm", "\0asm");
    write("favicon.svg", "<svg/>");
    write("empty.txt", "");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& name, std::string_view content) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << content;
  }
  static std::string field(const net::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.fields)
      if (key == name) return value;
    return "";
  }
  net::Response get(const std::string& path, net::Fields fields = {}) const {
    auto files = StaticFiles::load(root_);
    if (!files) throw std::runtime_error(files.error().detail);
    net::RequestHead head;
    head.path = path;
    head.fields = std::move(fields);
    return files->serve(head);
  }
  fs::path root_;
};

TEST_F(StaticFilesTest, ServesFilesWithTheirTypes) {
  EXPECT_EQ(field(get("/"), "content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(field(get("/assets/mls.wasm"), "content-type"), "application/wasm");
  EXPECT_EQ(field(get("/favicon.svg"), "content-type"), "image/svg+xml");
  EXPECT_EQ(get("/empty.txt").content(), "");
  EXPECT_EQ(get("/empty.txt").status, 200);
  EXPECT_NE(get("/").constant_fields.find("script-src 'self' 'wasm-unsafe-eval'"), std::string_view::npos);
}

TEST_F(StaticFilesTest, PagesOfTheClientGetItsIndexAndMissingFilesDoNot) {
  EXPECT_EQ(get("/inbox").content(), "<!doctype html>");
  EXPECT_EQ(get("/conversations/018f3c5e-0000-7000-8000-0000000000ab").content(), "<!doctype html>");
  EXPECT_EQ(get("/assets/gone-12345678.js").status, 404);
  EXPECT_EQ(get("/../etc/passwd.txt").status, 404);
}

TEST_F(StaticFilesTest, HashedNamesAreKeptForeverAndTheIndexIsAskedForEachTime) {
  EXPECT_EQ(field(get("/assets/index-DiwrgTda.js"), "cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(field(get("/assets/mls.wasm"), "cache-control"), "no-cache");
  EXPECT_EQ(field(get("/"), "cache-control"), "no-cache");
}

TEST_F(StaticFilesTest, SendsThePrecompressedFormThatTheClientTakes) {
  const auto with = [&](std::string codings) {
    return get("/assets/index-DiwrgTda.js", {{"accept-encoding", std::move(codings)}});
  };
  EXPECT_EQ(with("gzip, deflate, br").content(), "brotli");
  EXPECT_EQ(field(with("gzip, deflate, br"), "content-encoding"), "br");
  EXPECT_EQ(with("gzip").content(), "gzip");
  EXPECT_EQ(with("br;q=0, gzip;q=0.5").content(), "gzip");
  EXPECT_EQ(with("").content(), "let a;");
  EXPECT_EQ(field(with("br"), "content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(field(with("br"), "vary"), "accept-encoding");
}

TEST_F(StaticFilesTest, AnUnchangedFileIsNotSentAgain) {
  const std::string etag = field(get("/"), "etag");
  ASSERT_FALSE(etag.empty());
  EXPECT_EQ(get("/", {{"if-none-match", etag}}).status, 304);
  EXPECT_EQ(get("/", {{"if-none-match", "W/\"x\", " + etag}}).status, 304);
  write("index.html", "<!doctype html><p>new");
  EXPECT_EQ(get("/", {{"if-none-match", etag}}).status, 200);
}

TEST_F(StaticFilesTest, LinksOutOfTheDirectoryAreNotFollowed) {
  fs::create_symlink("/etc/hostname", root_ / "leak.txt");
  fs::create_directory_symlink("/etc", root_ / "etc");
  EXPECT_EQ(get("/leak.txt").status, 404);
  EXPECT_EQ(get("/etc/hostname.txt").status, 404);
}

TEST_F(StaticFilesTest, SaysWhatIsWrongWithTheDirectory) {
  fs::remove(root_ / "index.html");
  EXPECT_NE(StaticFiles::load(root_).error().detail.find("has no index.html"), std::string::npos);
  EXPECT_FALSE(StaticFiles::load("/nowhere"));
}

TEST(RateLimiter, GivesABurstAndThenTheRate) {
  core::ManualClock clock;
  RateLimiter<int> limiter({.per_second = 2, .burst = 3}, 10, clock);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take(1));
  EXPECT_EQ(limiter.take(1), std::chrono::milliseconds(501));
  EXPECT_FALSE(limiter.take(2));
  clock.advance(std::chrono::milliseconds(500));
  EXPECT_FALSE(limiter.take(1));
  EXPECT_TRUE(limiter.take(1));
  clock.advance(std::chrono::hours(-1));
  EXPECT_TRUE(limiter.take(1));
}

TEST(RateLimiter, RemembersABoundedNumberAndForgetsTheIdleFirst) {
  core::ManualClock clock;
  RateLimiter<int> limiter({.per_second = 1, .burst = 2}, 100, clock);
  for (int i = 0; i < 1000; ++i) limiter.take(i);
  EXPECT_EQ(limiter.size(), 100u);
  EXPECT_TRUE(limiter.take(5000)) << "those beyond share one bucket";
  clock.advance(std::chrono::seconds(10));
  EXPECT_FALSE(limiter.take(5000));
  EXPECT_LT(limiter.size(), 100u);
}

}  // namespace
}  // namespace wardline::http
