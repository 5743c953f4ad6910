#include "server/app/configuration.h"

#include <gtest/gtest.h>

namespace wardline::app {
namespace {

std::string refusal(std::string_view text) {
  const auto configuration = parse_configuration(text, "wardline.toml", "/data");
  return configuration ? "" : configuration.error().detail;
}

TEST(Configuration, AnEmptyFileMeansTheDefaults) {
  const auto configuration = parse_configuration("", "wardline.toml", "/data");
  ASSERT_TRUE(configuration);
  EXPECT_EQ(configuration->port, 8443);
  EXPECT_EQ(configuration->tls.certificate, "/data/tls/server.pem");
  EXPECT_FALSE(configuration->postgres);
  EXPECT_EQ(configuration->metrics_address, "127.0.0.1");
}

TEST(Configuration, TheFirstFileIsValidAndSaysWhatItWasAskedFor) {
  const auto configuration = parse_configuration(
      initial_configuration("St. Mary's", "https://chat.stmary.example", 443), "wardline.toml", "/data");
  ASSERT_TRUE(configuration) << configuration.error().detail;
  EXPECT_EQ(configuration->organisation, "St. Mary's");
  EXPECT_EQ(configuration->origin, "https://chat.stmary.example");
  EXPECT_EQ(configuration->host(), "chat.stmary.example");
  EXPECT_EQ(configuration->port, 443);
}

TEST(Configuration, EveryDefaultThatTheFirstFileShowsIsTheDefault) {
  std::string text = initial_configuration("Hospital", "https://localhost:8443", 8443);
  std::string uncommented;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    const bool is_default = line.starts_with("# ") && line.find(" = ") != std::string::npos &&
                            line.find("postgres =") == std::string::npos &&
                            line.find("directory =") == std::string::npos;
    uncommented += (is_default ? line.substr(2) : line) + "\n";
    at = end + 1;
  }
  const auto shown = parse_configuration(uncommented, "wardline.toml", "/data");
  const auto standard = parse_configuration("", "wardline.toml", "/data");
  ASSERT_TRUE(shown) << shown.error().detail;
  EXPECT_EQ(shown->workers, standard->workers);
  EXPECT_EQ(shown->drain, standard->drain);
  EXPECT_EQ(shown->metrics_port, standard->metrics_port);
  EXPECT_EQ(shown->session_idle, standard->session_idle);
  EXPECT_EQ(shown->session_lifetime, standard->session_lifetime);
  EXPECT_EQ(shown->files.largest_bytes, standard->files.largest_bytes);
  EXPECT_EQ(shown->files.total_bytes, standard->files.total_bytes);
  EXPECT_EQ(shown->files.reserve_bytes, standard->files.reserve_bytes);
  EXPECT_EQ(shown->files.per_conversation, standard->files.per_conversation);
  EXPECT_EQ(shown->files.pending_per_user, standard->files.pending_per_user);
  EXPECT_EQ(shown->files.keep_pending, standard->files.keep_pending);
  EXPECT_EQ(shown->limits.connections, standard->limits.connections);
  EXPECT_EQ(shown->limits.connections_per_address, standard->limits.connections_per_address);
  EXPECT_EQ(shown->limits.requests_in_flight, standard->limits.requests_in_flight);
  EXPECT_EQ(shown->limits.buffered_body_bytes, standard->limits.buffered_body_bytes);
}

TEST(Configuration, Msg4SetsTheLimitsOfFiles) {
  const auto set = parse_configuration(
      "[files]\nlargest_megabytes = 7\ntotal_megabytes = 9\nreserve_megabytes = 1\nper_conversation = 3\n"
      "pending_per_user = 2\nabandoned_hours = 5\n",
      "wardline.toml", "/data");
  ASSERT_TRUE(set) << set.error().detail;
  EXPECT_EQ(set->files.largest_bytes, 7u << 20);
  EXPECT_EQ(set->files.total_bytes, 9u << 20);
  EXPECT_EQ(set->files.reserve_bytes, 1u << 20);
  EXPECT_EQ(set->files.per_conversation, 3);
  EXPECT_EQ(set->files.pending_per_user, 2);
  EXPECT_EQ(set->files.keep_pending, std::chrono::hours(5));
}

TEST(Configuration, SaysTheLineTheSettingAndTheRule) {
  EXPECT_EQ(refusal("[server]\nport = 70000\n"),
            "wardline.toml line 2: server.port must be a whole number from 0 to 65535.");
  EXPECT_EQ(refusal("[server]\n\nport = \"8443\"\n"),
            "wardline.toml line 3: server.port must be a whole number from 0 to 65535.");
  EXPECT_EQ(refusal("[server]\nprot = 8443\n"), "wardline.toml line 2: there is no setting server.prot.");
  EXPECT_EQ(refusal("[sever]\nport = 8443\n"), "wardline.toml line 1: there is no section [sever].");
  EXPECT_EQ(refusal("port = 8443\n"),
            "wardline.toml line 1: port stands outside of any section that knows it.");
  EXPECT_EQ(refusal("server = 1\n"),
            "wardline.toml line 1: server stands outside of any section that knows it.");
  EXPECT_EQ(refusal("[tls]\nfips = 1\n"), "wardline.toml line 2: tls.fips must be true or false.");
  EXPECT_EQ(refusal("[log]\nlevel = \"loud\"\n"),
            "wardline.toml line 2: log.level must be \"debug\", \"info\", \"warning\" or \"error\".");
  EXPECT_EQ(refusal("[storage]\nengine = \"postgres\"\n"),
            "wardline.toml: storage.postgres must say where the database is, because storage.engine is "
            "\"postgres\".");
  EXPECT_EQ(refusal("[sessions]\nidle_seconds = 7200\nlifetime_seconds = 3600\n"),
            "wardline.toml line 2: sessions.idle_seconds must not be longer than sessions.lifetime_seconds.");
  EXPECT_TRUE(refusal("[server\nport = 1\n").starts_with("wardline.toml line 1: "))
      << refusal("[server\nport = 1\n");
}

TEST(Configuration, ASectionWithoutANameIsRefused) {
  for (const std::string name : {"=", ".log", "[.log]", "\x01"}) {
    EXPECT_TRUE(refusal("[" + name + "]\n").starts_with("wardline.toml is not TOML: ")) << name;
  }
}

TEST(Configuration, LettersBeyondAsciiStandInQuotesAndComments) {
  for (const std::string line :
       {"\xc3\xa9 = 1", "level = \xef\xb3\xbf", "level = \"info\" \xe3\x81\x82", "level = \"\"\"info\"\"\"",
        "'\\' \xc3\xa9", "\"\\\"\" \xc3\xa9", "level = 3+'\xef\xbb\xb6'", "level = 3 '\xef\xbb\xb6'",
        "level == '\xef\xbb\xb6'", "level = 'info' '\xef\xbb\xb6'", "'\xef\xbb\xb6' = 1",
        "level = ['\xef\xbb\xb6']"}) {
    EXPECT_TRUE(refusal("[log]\n" + line + "\n").starts_with("wardline.toml line 2: letters beyond")) << line;
  }
  const auto configuration = parse_configuration(
      "\xef\xbb\xbf[organisation]  # \xc3\xa9 '\"\"\"\nname = \"# \\\"\xe3\x81\x82\xef\xb3\xbf\\\"\"\n",
      "wardline.toml", "/data");
  ASSERT_TRUE(configuration) << configuration.error().detail;
  EXPECT_EQ(configuration->organisation, "# \"\xe3\x81\x82\xef\xb3\xbf\"");
}

TEST(Configuration, TheOriginIsExactlyWhatABrowserWrites) {
  for (const char* bad :
       {"http://localhost", "https://", "https://Ward.example", "https://ward.example/", "ward.example",
        "https://ward.example/x", "https://:ward.example:8443", "https://.", "https://ward..example",
        "https://[ward.example:8443", "https://[::1", "https://[::1]x", "https://[]",
        "https://ward.example:", "https://ward.example:443", "https://ward.example:08443",
        "https://ward.example:65536", "https://ward.example:8443:1"})
    EXPECT_TRUE(refusal(std::string("[server]\norigin = \"") + bad + "\"\n")
                    .starts_with("wardline.toml line 2: server.origin must be"))
        << bad;
  for (const auto& [origin, host] : {std::pair{"https://ward.example", "ward.example"},
                                     {"https://ward.example:8443", "ward.example"},
                                     {"https://[::1]:8443", "[::1]"}})
    EXPECT_EQ(parse_configuration(std::string("[server]\norigin = \"") + origin + "\"\n", "x", "/")->host(),
              host);
}

TEST(Configuration, SaysWhichFileCannotBeRead) {
  EXPECT_EQ(read_configuration("/nowhere/wardline.toml").error().detail,
            "Cannot read /nowhere/wardline.toml: give its path with --config, or make a data directory with "
            "wardlined init.");
}

}  // namespace
}  // namespace wardline::app
