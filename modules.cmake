# Every module of the C++ tree and the edges it may include. script/lint-modules fails on any other #include, with file
# and line, and on a cycle. Read top to bottom: nothing may use what stands below it.

# lib: reusable, knows nothing of the product.
wardline_module(lib/bytes)
# lib/disk: files that survive a loss of power.
wardline_module(lib/disk USES lib/bytes)
wardline_module(lib/tls_codec USES lib/bytes)
wardline_module(lib/crypto USES lib/bytes THIRD_PARTY openssl TEST_THIRD_PARTY json)
# lib/attachment: files of messages, encrypted in chunks on the device that sends them.
wardline_module(lib/attachment USES lib/bytes lib/crypto TEST_THIRD_PARTY json)
wardline_module(lib/merkle USES lib/bytes lib/crypto TEST_THIRD_PARTY json)
wardline_module(lib/auditlog USES lib/bytes lib/crypto lib/merkle)
# lib/transparency: the log of device certificates as a client checks it, the same for browsers and programs.
wardline_module(lib/transparency USES lib/bytes lib/tls_codec lib/crypto lib/merkle)
wardline_module(lib/mls/public USES lib/bytes lib/tls_codec lib/crypto TEST_THIRD_PARTY json rapidcheck)
wardline_module(lib/mls/member USES lib/mls/public TEST_THIRD_PARTY json rapidcheck)
# lib/conversation: a device's conversations, the same for browsers and programs.
wardline_module(lib/conversation USES lib/mls/member lib/transparency)
# lib/content: what travels inside an encrypted message. No exceptions here: browsers are to have the same code.
wardline_module(lib/content USES lib/bytes TEST_THIRD_PARTY json)
# lib/wasm: them as the browser has them. script/build-wasm compiles it, and what it uses, for WebAssembly.
wardline_module(lib/wasm USES lib/conversation lib/attachment)

# server: wardlined. Nothing here may use lib/mls/member: the link graph shows that the server has no group keys.
wardline_module(server/core USES lib/bytes THIRD_PARTY fmt)
wardline_module(server/storage USES server/core lib/crypto lib/disk THIRD_PARTY sqlite libpq TEST_USES tests/support)
wardline_module(server/policy USES server/core)
wardline_module(server/audit USES server/core server/storage server/policy lib/crypto lib/disk lib/merkle lib/auditlog TEST_USES tests/support)
wardline_module(server/identity USES server/core server/storage lib/crypto server/policy server/audit lib/transparency THIRD_PARTY openssl argon2 oath fido2 json TEST_USES tests/hospital)
wardline_module(server/directory USES server/identity TEST_USES tests/hospital)
wardline_module(server/clinical USES server/directory TEST_USES tests/hospital)
# The people and patients of `wardlined demo-data`.
wardline_module(server/demo USES server/clinical THIRD_PARTY fmt TEST_USES tests/hospital)
wardline_module(server/delivery USES server/policy server/audit server/storage lib/mls/public TEST_USES lib/mls/member tests/support)
wardline_module(server/files USES server/delivery server/policy server/audit server/storage lib/crypto lib/disk TEST_USES tests/support)
wardline_module(server/net USES server/core THIRD_PARTY asio beast openssl fmt NETWORK)
wardline_module(server/http USES server/net server/core server/policy server/identity server/directory server/clinical server/delivery server/files THIRD_PARTY json fmt TEST_USES tests/hospital)
wardline_module(server/app USES server/net server/http server/demo server/files server/core lib/crypto lib/disk THIRD_PARTY toml cli11 json fmt TEST_USES tests/hospital)
wardline_program(wardlined SOURCE server/app/main.cpp USES server/app THIRD_PARTY cli11)

# client: the C++ client library and what is built on it. Never server/*.
# The auditor's tools share no code with the server that they check: hence their own reader of the SQLite table.
wardline_module(client/auditor USES lib/auditlog THIRD_PARTY sqlite)
wardline_module(client/net USES lib/bytes THIRD_PARTY asio beast json openssl NETWORK)
wardline_module(client/account USES client/net lib/crypto THIRD_PARTY oath json)
# client/store: what a device keeps on disk, sealed.
wardline_module(client/store USES lib/crypto lib/disk lib/tls_codec THIRD_PARTY sqlite TEST_THIRD_PARTY sqlite)
# client/attachments: files of messages, for programs.
wardline_module(client/attachments USES client/account lib/attachment lib/content lib/crypto lib/disk THIRD_PARTY json)
# client/messaging: the library that bots, gateways and the command line are built on.
wardline_module(client/messaging USES client/account client/attachments client/store lib/conversation lib/content THIRD_PARTY asio json)
wardline_module(client/cli USES client/auditor client/messaging THIRD_PARTY cli11 json TEST_THIRD_PARTY sqlite)
wardline_program(wardline SOURCE client/cli/main.cpp USES client/cli)
# client/examples: the programs of docs/guides/bots.md, so that they compile.
wardline_module(client/examples USES client/messaging)
wardline_program(wardline-echo-bot SOURCE client/examples/echo_bot_main.cpp USES client/examples)
# client/load: devices of the same library in great numbers. What they send is no ciphertext, and all else as any client's.
wardline_module(client/load USES client/messaging THIRD_PARTY asio json)
wardline_program(wardline-load SOURCE client/load/main.cpp USES client/load THIRD_PARTY cli11 fmt)

# tests/support: what tests need, of storage-using modules above all: a database of their own on either engine.
wardline_module(tests/support USES server/storage THIRD_PARTY libpq)
# tests/hospital: people with passwords, factors and devices, and what they need around them.
wardline_module(tests/hospital USES tests/support server/identity THIRD_PARTY fido2)

# bench/mls: MLS held against the primitives that it uses, which are counted on their way to OpenSSL.
wardline_module(bench/mls USES lib/mls/member THIRD_PARTY openssl WRAPS EVP_DigestSign EVP_DigestVerify EVP_DigestVerifyInit_ex
  EVP_PKEY_derive EVP_PKEY_generate EC_POINT_mul EC_POINT_oct2point EVP_PKEY_new_raw_private_key_ex
  EVP_PKEY_set1_encoded_public_key EVP_PKEY_new_raw_public_key_ex EVP_PKEY_fromdata EVP_DigestInit_ex2 EVP_DigestUpdate EVP_DigestFinal_ex
  EVP_CipherUpdate EVP_CipherFinal_ex RAND_bytes_ex RAND_priv_bytes_ex)

# tests of the whole, and tools that are tests.
wardline_module(tests/mls_vectors USES lib/mls/member THIRD_PARTY json)
wardline_program(mls-vectors SOURCE tests/mls_vectors/main.cpp USES tests/mls_vectors)
# tests/interop: members that a script moves, beside members of other implementations and in browsers.
wardline_module(tests/interop USES lib/wasm)
wardline_program(mls-peer SOURCE tests/interop/main.cpp USES tests/interop)
# tests/audit: the log that the server writes, under the auditor's program.
# tests/client: the client library over the server as it ships.
wardline_module(tests/client USES server/app server/audit server/storage client/messaging lib/merkle THIRD_PARTY json)
wardline_module(tests/audit TEST_USES server/audit client/auditor client/cli tests/support lib/transparency)
# tests/transparency: a taken-over server against the clients' own checks of devices.
wardline_module(tests/transparency TEST_USES server/identity lib/conversation tests/hospital)

# tests/fuzz: any bytes, in any state. What the fuzz targets share, and the targets: each the file tests/fuzz/NAME_fuzz.cpp.
if(WARDLINE_FUZZ)
  wardline_module(tests/fuzz USES lib/mls/member THIRD_PARTY openssl)
  wardline_module(tests/fuzz_seeds USES tests/fuzz lib/auditlog lib/content lib/transparency server/app server/net tests/hospital)
  wardline_program(fuzz-seeds SOURCE tests/fuzz_seeds/main.cpp USES tests/fuzz_seeds)
  set_target_properties(fuzz-seeds wardline_tests_fuzz wardline_tests_fuzz_seeds PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
wardline_fuzzer(codec USES lib/tls_codec)
wardline_fuzzer(crypto USES lib/crypto)
wardline_fuzzer(x509 USES lib/crypto)
wardline_fuzzer(merkle USES lib/merkle)
wardline_fuzzer(auditlog USES lib/auditlog)
wardline_fuzzer(transparency USES lib/transparency)
wardline_fuzzer(attachment USES lib/attachment)
wardline_fuzzer(content USES lib/content)
wardline_fuzzer(mls_wire USES lib/mls/public)
wardline_fuzzer(mls_sealed USES lib/mls/member)
wardline_fuzzer(mls_public_group USES lib/mls/public)
wardline_fuzzer(mls_group USES lib/mls/member)
wardline_fuzzer(wasm_engine USES lib/wasm)
wardline_fuzzer(websocket USES server/net)
wardline_fuzzer(http_request USES server/net server/http)
wardline_fuzzer(json USES server/http THIRD_PARTY json)
wardline_fuzzer(http_routes USES server/app server/http server/demo tests/support)
wardline_fuzzer(webauthn USES server/identity tests/hospital)
wardline_fuzzer(configuration USES server/app client/net)
wardline_fuzzer(client_wire USES client/net THIRD_PARTY json)
