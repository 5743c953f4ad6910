//! A peer over mls-rs for the interoperation tests. Each line is a call, `VERB MEMBER HEX...`, and each answer a line: `ok HEX...` or `no REASON`.
use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use mls_rs::client_builder::MlsConfig;
use mls_rs::group::proposal::Proposal;
use mls_rs::group::GroupContext;
use mls_rs::group::{CommitEffect, ExportedTree, ReceivedMessage, Roster};
use mls_rs::identity::basic::{BasicCredential, BasicIdentityProvider};
use mls_rs::identity::SigningIdentity;
use mls_rs::mls_rs_codec::MlsDecode;
use mls_rs::mls_rules::{CommitDirection, CommitOptions, CommitSource, EncryptionOptions, ProposalBundle};
use mls_rs::psk::{ExternalPskId, PreSharedKey};
use mls_rs::{CipherSuite, CipherSuiteProvider, Client, CryptoProvider, ExtensionList, Group, MlsMessage, MlsRules};
use mls_rs_crypto_openssl::OpensslCryptoProvider;

type Failure = Box<dyn std::error::Error>;
type Answer = Result<Vec<Vec<u8>>, Failure>;

/// What the next commit does, set before it is made.
#[derive(Clone, Default)]
struct Rules {
    with_path: Arc<AtomicBool>,
    tree_in_welcome: Arc<AtomicBool>,
    private_handshakes: Arc<AtomicBool>,
}

impl MlsRules for Rules {
    type Error = std::convert::Infallible;

    fn filter_proposals(
        &self,
        _: CommitDirection,
        _: CommitSource,
        _: &Roster,
        _: &GroupContext,
        proposals: ProposalBundle,
    ) -> Result<ProposalBundle, Self::Error> {
        Ok(proposals)
    }

    fn commit_options(&self, _: &Roster, _: &GroupContext, _: &ProposalBundle) -> Result<CommitOptions, Self::Error> {
        Ok(CommitOptions::new()
            .with_path_required(self.with_path.load(Ordering::Relaxed))
            .with_ratchet_tree_extension(self.tree_in_welcome.load(Ordering::Relaxed)))
    }

    fn encryption_options(&self, _: &Roster, _: &GroupContext) -> Result<EncryptionOptions, Self::Error> {
        Ok(EncryptionOptions::new(
            self.private_handshakes.load(Ordering::Relaxed),
            mls_rs::client_builder::PaddingMode::StepFunction,
        ))
    }
}

struct Member<C: MlsConfig> {
    client: Client<C>,
    group: Option<Group<C>>,
    rules: Rules,
}

fn client(name: &[u8], suite: u16, rules: Rules, psk: Option<(&[u8], &[u8])>) -> Result<Client<impl MlsConfig>, Failure> {
    let crypto = OpensslCryptoProvider::default();
    let suite = CipherSuite::from(suite);
    let provider = crypto.cipher_suite_provider(suite).ok_or("no such suite")?;
    let (secret, public) = provider.signature_key_generate()?;
    let identity = SigningIdentity::new(BasicCredential::new(name.to_vec()).into_credential(), public);
    let mut builder = Client::builder();
    if let Some((id, secret)) = psk {
        builder = builder.psk(ExternalPskId::new(id.to_vec()), PreSharedKey::from(secret.to_vec()));
    }
    Ok(builder
        .identity_provider(BasicIdentityProvider)
        .crypto_provider(crypto)
        .mls_rules(rules)
        .key_package_lifetime(Duration::from_secs(30 * 86_400))
        .signing_identity(identity, secret, suite)
        .build())
}

fn flag(bytes: &[u8]) -> bool {
    bytes == [1]
}

fn proposal(bytes: &[u8]) -> Result<Proposal, Failure> {
    let mut rest = bytes;
    let decoded = Proposal::mls_decode(&mut rest)?;
    if rest.is_empty() {
        Ok(decoded)
    } else {
        Err("a proposal decodes whole".into())
    }
}

fn call<C: MlsConfig>(verb: &str, member: &mut Member<C>, arguments: &[Vec<u8>]) -> Answer {
    let argument = |at: usize| arguments.get(at).map(Vec::as_slice).ok_or("an argument is missing");
    match verb {
        "key_package" => {
            let message = member
                .client
                .generate_key_package_message(ExtensionList::default(), ExtensionList::default(), None)?;
            return Ok(vec![message.to_bytes()?]);
        }
        "create" => {
            let extensions = ExtensionList::mls_decode(&mut argument(1)?)?;
            member.group = Some(
                member
                    .client
                    .create_group_with_id(argument(0)?.to_vec(), extensions, ExtensionList::default(), None)?,
            );
            return Ok(vec![]);
        }
        "join" => {
            let tree = match argument(1)? {
                [] => None,
                bytes => Some(ExportedTree::from_bytes(bytes)?),
            };
            let (group, _) = member.client.join_group(tree, &MlsMessage::from_bytes(argument(0)?)?, None)?;
            member.group = Some(group);
            return Ok(vec![]);
        }
        "join_externally" => {
            let (group, commit) = member.client.commit_external(MlsMessage::from_bytes(argument(0)?)?)?;
            member.group = Some(group);
            return Ok(vec![commit.to_bytes()?]);
        }
        _ => {}
    }
    let group = member.group.as_mut().ok_or("no group")?;
    match verb {
        "tree" => Ok(vec![group.export_tree().to_bytes()?]),
        "group_info" => Ok(vec![group.group_info_message_allowing_ext_commit(true)?.to_bytes()?]),
        "propose" => {
            let message = match proposal(argument(0)?)? {
                Proposal::Add(_) => {
                    let key_package = [&[0, 1, 0, 5], &argument(0)?[2..]].concat();
                    group.propose_add(MlsMessage::from_bytes(&key_package)?, vec![])?
                }
                Proposal::Remove(remove) => group.propose_remove(remove.to_remove(), vec![])?,
                Proposal::GroupContextExtensions(extensions) => group.propose_group_context_extensions(extensions, vec![])?,
                _ => return Err("another kind of proposal".into()),
            };
            Ok(vec![message.to_bytes()?])
        }
        "propose_update" => Ok(vec![group.propose_update(vec![])?.to_bytes()?]),
        "commit" => {
            member.rules.with_path.store(flag(argument(0)?), Ordering::Relaxed);
            member.rules.tree_in_welcome.store(flag(argument(1)?), Ordering::Relaxed);
            let proposals = arguments[2..].iter().map(|each| proposal(each)).collect::<Result<Vec<_>, _>>()?;
            let output = group.commit_builder().raw_proposals(proposals).build()?;
            let welcome = match output.welcome_messages.first() {
                Some(message) => message.to_bytes()?,
                None => vec![],
            };
            Ok(vec![output.commit_message.to_bytes()?, welcome])
        }
        "merge" => {
            if group.has_pending_commit() {
                group.apply_pending_commit()?;
            }
            Ok(vec![])
        }
        "receive" => match group.process_incoming_message(MlsMessage::from_bytes(argument(0)?)?)? {
            ReceivedMessage::ApplicationMessage(message) => Ok(vec![b"application".to_vec(), message.data().to_vec(), vec![]]),
            ReceivedMessage::Proposal(_) => Ok(vec![b"proposal".to_vec(), vec![], vec![]]),
            ReceivedMessage::Commit(commit) => {
                let removed = matches!(commit.effect, CommitEffect::Removed { .. });
                Ok(vec![b"commit".to_vec(), vec![], vec![u8::from(removed)]])
            }
            _ => Err("another kind of message".into()),
        },
        "protect" => Ok(vec![group.encrypt_application_message(argument(0)?, vec![])?.to_bytes()?]),
        "view" => {
            let context = group.context();
            let mut answer = vec![
                context.epoch().to_be_bytes().to_vec(),
                group.current_member_index().to_be_bytes().to_vec(),
                context.tree_hash.to_vec(),
                context.confirmed_transcript_hash.to_vec(),
                group.epoch_authenticator()?.as_bytes().to_vec(),
                group.export_secret(argument(0)?, argument(1)?, 32)?.as_bytes().to_vec(),
            ];
            for each in group.roster().members_iter() {
                answer.push(each.index.to_be_bytes().to_vec());
                answer.push(each.signing_identity.signature_key.as_bytes().to_vec());
            }
            Ok(answer)
        }
        _ => Err("no such verb".into()),
    }
}

fn main() -> Result<(), Failure> {
    let mut members = HashMap::new();
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let arguments = words[2..].iter().map(hex::decode).collect::<Result<Vec<_>, _>>()?;
        let answer: Answer = if words[0] == "new" {
            let rules = Rules::default();
            rules.private_handshakes.store(flag(&arguments[2]), Ordering::Relaxed);
            let psk = if arguments.len() > 3 {
                Some((arguments[3].as_slice(), arguments[4].as_slice()))
            } else {
                None
            };
            let suite = u16::from_be_bytes([arguments[1][0], arguments[1][1]]);
            client(&arguments[0], suite, rules.clone(), psk).map(|made| {
                members.insert(
                    words[1].to_string(),
                    Member {
                        client: made,
                        group: None,
                        rules,
                    },
                );
                vec![]
            })
        } else {
            match members.get_mut(words[1]) {
                Some(member) => call(words[0], member, &arguments),
                None => Err("no such member".into()),
            }
        };
        match answer {
            Ok(parts) => writeln!(output, "ok {}", parts.iter().map(hex::encode).collect::<Vec<_>>().join(" "))?,
            Err(failure) => writeln!(output, "no {}", failure.to_string().replace('\n', " "))?,
        }
        output.flush()?;
    }
    Ok(())
}
