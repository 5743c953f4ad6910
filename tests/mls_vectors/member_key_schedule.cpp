// RFC 9420 §8 (key schedule), §8.3 (external key), §8.5 (exporter), §9 (secret tree), §6.3.2 (sender data).
#include "lib/mls/member/key_schedule.h"
#include "lib/mls/member/secret_tree.h"
#include "lib/mls/member/sender_data.h"
#include "lib/tls_codec/codec.h"
#include "tests/mls_vectors/formats.h"

namespace wardline::mls_vectors {
namespace {

/// The GroupContext of the epoch, from its parts: RFC 9420 §8.1, version 1, without extensions.
Bytes group_context_of(const Case& a_case, const Case& epoch, std::uint64_t number) {
  tls::Writer out;
  out.uint(1, 2);
  out.uint(a_case.number("cipher_suite"), 2);
  out.opaque(a_case.bytes("group_id"));
  out.uint(number, 8);
  out.opaque(epoch.bytes("tree_hash"));
  out.opaque(epoch.bytes("confirmed_transcript_hash"));
  out.opaque({});
  return out.take();
}

void check_epoch(const crypto::Suite& suite, const Case& epoch, const mls::JoinerSecret& joiner,
                 const mls::EpochSecrets& secrets) {
  const Bytes psk = epoch.bytes("psk_secret");
  expect_equal("joiner_secret", joiner.value.view(), epoch.bytes("joiner_secret"));
  expect_equal("welcome_secret", mls::derive_welcome_secret(suite, joiner, psk).view(),
               epoch.bytes("welcome_secret"));
  expect_equal("init_secret", secrets.init_secret.view(), epoch.bytes("init_secret"));
  expect_equal("sender_data_secret", secrets.sender_data_secret.view(), epoch.bytes("sender_data_secret"));
  expect_equal("encryption_secret", secrets.encryption_secret.view(), epoch.bytes("encryption_secret"));
  expect_equal("exporter_secret", secrets.exporter_secret.view(), epoch.bytes("exporter_secret"));
  expect_equal("epoch_authenticator", secrets.epoch_authenticator.view(), epoch.bytes("epoch_authenticator"));
  expect_equal("external_secret", secrets.external_secret.view(), epoch.bytes("external_secret"));
  expect_equal("confirmation_key", secrets.confirmation_key.view(), epoch.bytes("confirmation_key"));
  expect_equal("membership_key", secrets.membership_key.view(), epoch.bytes("membership_key"));
  expect_equal("resumption_psk", secrets.resumption_psk.view(), epoch.bytes("resumption_psk"));
  const auto external = require("external key", mls::derive_external_key(suite, secrets));
  expect_equal("external_pub", external.public_key(), epoch.bytes("external_pub"));
  const Case exporter = epoch.object("exporter");
  const auto exported =
      require("exporter", mls::export_secret(suite, secrets, exporter.text("label"),
                                             exporter.bytes("context"), exporter.number("length")));
  expect_equal("exporter", exported.view(), exporter.bytes("secret"));
}

}  // namespace

void check_key_schedule(const Case& a_case) {
  const crypto::Suite& suite = a_case.suite();
  SecretBytes init_secret(a_case.bytes("initial_init_secret"));
  std::uint64_t number = 0;
  for (const Case& epoch : a_case.objects("epochs")) {
    const Bytes context = group_context_of(a_case, epoch, number);
    expect_equal("group_context of epoch " + std::to_string(number), context, epoch.bytes("group_context"));
    const auto joiner =
        mls::derive_joiner_secret(suite, init_secret.view(), epoch.bytes("commit_secret"), context);
    mls::EpochSecrets secrets = mls::derive_epoch_secrets(suite, joiner, epoch.bytes("psk_secret"), context);
    check_epoch(suite, epoch, joiner, secrets);
    init_secret = std::move(secrets.init_secret);
    ++number;
  }
}

void check_secret_tree(const Case& a_case) {
  const crypto::Suite& suite = a_case.suite();
  const Case sender = a_case.object("sender_data");
  const auto key =
      mls::derive_sender_data_key(suite, sender.bytes("sender_data_secret"), sender.bytes("ciphertext"));
  expect_equal("sender data key", key.key.view(), sender.bytes("key"));
  expect_equal("sender data nonce", key.nonce.view(), sender.bytes("nonce"));

  const auto& leaves = a_case.array("leaves");
  mls::SecretTree tree(suite, SecretBytes(a_case.bytes("encryption_secret")),
                       static_cast<std::uint32_t>(leaves.size()));
  std::uint32_t index = 0;
  for (const auto& leaf : leaves) {
    for (const auto& value : leaf.get_array()) {
      const Case row(value.get_object());
      const auto generation = static_cast<std::uint32_t>(row.number("generation"));
      for (const auto kind : {mls::RatchetKind::handshake, mls::RatchetKind::application}) {
        const std::string name = kind == mls::RatchetKind::handshake ? "handshake" : "application";
        auto found = tree.find({index}, kind, generation, {});
        expect("generation " + std::to_string(generation) + " is to be had", found.has_value());
        expect_equal(name + " key", found->key().view(), row.bytes(name + "_key"));
        expect_equal(name + " nonce", found->nonce().view(), row.bytes(name + "_nonce"));
        tree.consume(std::move(*found), {});
        expect("a consumed generation is gone", !tree.find({index}, kind, generation, {}).has_value());
      }
    }
    ++index;
  }
}

}  // namespace wardline::mls_vectors
