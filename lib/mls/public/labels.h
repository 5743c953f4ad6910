// The labelled public operations of RFC 9420: signatures (§5.1.2), hash references (§5.2) and transcript
// hashes (§8.2).
#pragma once

#include "lib/crypto/hash.h"
#include "lib/crypto/signature.h"
#include "lib/mls/public/framing.h"

namespace wardline::mls {

/// §5.1.2 SignContent: what is signed under `label` ("MLS 1.0 " is put in front here).
Bytes sign_content(std::string_view label, ByteView content);
/// §5.1.2 SignWithLabel.
crypto::Result<Bytes> sign_with_label(const crypto::Signer& signer, std::string_view label, ByteView content);
/// §5.1.2 VerifyWithLabel.
bool verify_with_label(const crypto::VerificationKey& key, std::string_view label, ByteView content,
                       ByteView signature);

/// §5.2 RefHash; `label` in full ("MLS 1.0 KeyPackage Reference").
Bytes ref_hash(const Suite& suite, std::string_view label, ByteView value);

/// §8.2: Hash(interim_transcript_hash of the epoch before || ConfirmedTranscriptHashInput). `commit` holds a
/// Commit.
Bytes confirmed_transcript_hash(const Suite& suite, ByteView interim_before,
                                const AuthenticatedContent& commit);
/// §8.2: Hash(confirmed_transcript_hash || InterimTranscriptHashInput).
Bytes interim_transcript_hash(const Suite& suite, ByteView confirmed, ByteView confirmation_tag);

}  // namespace wardline::mls
