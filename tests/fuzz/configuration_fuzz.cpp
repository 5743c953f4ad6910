// wardline.toml, files of new people and other small texts that people write: read or refused with a reason,
// and what is read is in range.
#include "client/net/url.h"
#include "server/app/configuration.h"
#include "server/app/people_file.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  const std::string text = as_text(ByteView(data, size));
  const auto read = app::parse_configuration(text, "wardline.toml", "/data");
  FUZZ_CHECK(read.has_value() || read.error().code == "configuration",
             "a refusal says that it is about the configuration");
  if (read) FUZZ_CHECK(!read->host().empty(), "passkeys are bound to a host");
  if (const auto url = client::ServerUrl::parse(text))
    FUZZ_CHECK(!url->host.empty() && !url->port.empty(), "an address has a host and a port");
  if (const auto people = app::parse_people(text))
    for (const auto& one : *people)
      FUZZ_CHECK(!one.username.empty() && !one.name.empty() && !one.service.empty(), "nobody without a name");
  return 0;
}
