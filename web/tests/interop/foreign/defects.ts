/**
 * What ts-mls 1.6.4 does otherwise than RFC 9420. Each entry shows that it is the package that differs: what it sends or refuses, and
 * that the same goes well once that one thing is put right. An entry fails if anything about it changes, for better or worse.
 */
import { createGroupInfo } from "ts-mls/createCommit.js";
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls";
import { Reader, Writer } from "../../../packages/mls/src/codec.ts";
import { type Bytes, agree, equal, expect, extensions, hex, proposal, refusal } from "../member.ts";
import { type TsMlsMember, getImplementation } from "./ts_mls.ts";
import type { PeerMember } from "../peer.ts";
import { ASKING, EXTERNAL_SENDERS, sender, senders } from "./features.ts";
import { type World, follow, invite, talk } from "./world.ts";

export interface Defect {
  readonly section: string;
  readonly what: string;
  readonly direction: string;
  readonly suites: readonly number[];
  run(world: World): Promise<void>;
}

const ALL = [1, 2, 5, 7];
const EXTERNAL_PUB = "external_pub";

async function expectRefusal(call: Promise<unknown>, reason: string | RegExp, what: string): Promise<void> {
  const given = await refusal(call, what);
  expect(typeof reason === "string" ? given === reason : reason.test(given), `${what} because of "${reason}", not "${given}"`);
}

const pair = async (world: World) => [await world.ours(), await world.tsMls()] as const;

export const defects: readonly Defect[] = [
  {
    section: "§5.1.1",
    what: "its ECDSA public keys are compressed points; we refuse them",
    direction: "theirs to ours",
    suites: [2, 5, 7],
    async run(world) {
      const [ours, theirs] = [await world.ours(), await world.tsMls({ ownKeys: true })];
      const key = theirs.publicPackage.leafNode.signaturePublicKey;
      expect(key[0] === 2 || key[0] === 3, "the key is a compressed point");
      await ours.create(world.groupId());
      const add = proposal.add(await theirs.keyPackage());
      await expectRefusal(ours.commit({ proposals: [add] }), "leaf_signature_key_valid", "ours refuses the key package");
      // The same package with the same kind of key in the form of the RFC: every other row.
    },
  },
  {
    section: "§7.2",
    what: "its key packages are valid until the end of time; we refuse them",
    direction: "theirs to ours",
    suites: ALL,
    async run(world) {
      const [ours, theirs] = [await world.ours(), await world.tsMls({ endless: true })];
      await ours.create(world.groupId());
      const add = proposal.add(await theirs.keyPackage());
      await expectRefusal(ours.commit({ proposals: [add] }), "leaf_lifetime_span", "ours refuses the key package");
    },
  },
  {
    section: "§12.4.3.2",
    what: "it writes external_pub without its length; external join works once the length is there",
    direction: "ours joins theirs",
    suites: ALL,
    async run(world) {
      const [ours, theirs] = await pair(world);
      await theirs.create(world.groupId());
      await expectRefusal(ours.joinExternally(await theirs.groupInfo()), "group_info_external_pub", "ours refuses the GroupInfo");
      await ours.joinExternally(await corrected(theirs)).then(async (commit) => {
        await follow(commit, [theirs]);
        await ours.merge();
      });
      await agree([ours, theirs]);
      await talk([ours, theirs]);
    },
  },
  {
    section: "§12.4.3.2",
    what: "it takes the length in external_pub for a part of the key and refuses our GroupInfo",
    direction: "theirs joins ours",
    suites: ALL,
    async run(world) {
      const [ours, theirs] = await pair(world);
      await ours.create(world.groupId());
      await refusal(theirs.joinExternally(await ours.groupInfo()), "theirs refuses the GroupInfo");
      const { hpke } = await getImplementation(world.suite);
      const key = externalPub(await ours.groupInfo());
      await refusal(hpke.importPublicKey(key as Uint8Array), "what we write is no bare key");
      await hpke.importPublicKey(new Reader(key).opaque());
    },
  },
  {
    section: "§12.1.8.1",
    what: "it reads external_senders as one sender instead of a vector and refuses to create a group with them",
    direction: "theirs creates",
    suites: ALL,
    async run(world) {
      const [server, theirs] = await pair(world);
      await expectRefusal(theirs.create(world.groupId(), senders(server.publicKey)), /external_senders/, "theirs refuses to create the group");
      const single = extensions([{ type: EXTERNAL_SENDERS, data: sender(server.publicKey) }]);
      await theirs.create(world.groupId(), single);
      const ours = await world.ours();
      const add = proposal.add(await ours.keyPackage());
      const { welcome } = await theirs.commit({ proposals: [add] });
      await expectRefusal(ours.join(welcome!), "external_senders_parse", "ours refuses a bare sender where a vector belongs");
    },
  },
  {
    section: "§12.1.8.1",
    what: "for the same reason it cannot verify a Remove by an external sender; ours do and commit it",
    direction: "server to theirs",
    suites: ALL,
    async run(world) {
      const [ours, theirs] = await pair(world);
      const [server, second, gone] = [await world.ours(), await world.ours(), await world.ours()];
      const id = world.groupId();
      await ours.create(id, senders(server.publicKey));
      await invite(ours, [], [theirs, second, gone]);
      const { epoch } = await agree([ours, theirs, second, gone]);
      const removal = await server.proposeExternally(id, epoch, 0, proposal.remove((await gone.view()).ownLeaf));
      await ours.receive(removal);
      await second.receive(removal);
      await refusal(theirs.receive(removal), "theirs refuses the proposal");
      const { commit } = await ours.commit();
      await follow(commit, [second]);
      await ours.merge();
      await agree([ours, second], 1);
      await refusal(theirs.receive(commit), "theirs cannot follow a commit of a proposal that it refused");
    },
  },
  {
    section: "§12.4",
    what: "its commit of GroupContextExtensions alone has no path, which it must; we refuse it",
    direction: "theirs to ours",
    suites: ALL,
    async run(world) {
      const [ours, theirs] = await pair(world);
      await world.group([theirs, ours]);
      const { commit } = await theirs.commit({ proposals: [proposal.extensions(ASKING)] });
      await expectRefusal(ours.receive(commit), "path_required", "ours refuses the commit");
    },
  },
  {
    section: "§12.4.1",
    what: "it encrypts the path under the extensions of before a GroupContextExtensions in the same commit; its own members cannot open it either",
    direction: "theirs to both",
    suites: ALL,
    async run(world) {
      const [ours, theirs] = await pair(world);
      const [another, gone] = [await world.tsMls(), await world.ours()];
      await world.group([theirs, ours, another, gone]);
      const proposals = [proposal.extensions(ASKING), proposal.remove((await gone.view()).ownLeaf)];
      const { commit } = await theirs.commit({ proposals });
      await expectRefusal(ours.receive(commit), "path_secret_opens", "ours refuses the commit");
      await refusal(another.receive(commit), "another member of theirs refuses the commit");
    },
  },
  {
    section: "§12.1.7",
    what: "it takes GroupContextExtensions with no extension for no change, and cannot follow",
    direction: "ours to theirs",
    suites: ALL,
    async run(world) {
      const [ours, theirs] = await pair(world);
      await world.group([ours, theirs]);
      const asking = await ours.commit({ proposals: [proposal.extensions(ASKING)] });
      await follow(asking.commit, [theirs]);
      await ours.merge();
      const { commit } = await ours.commit({ proposals: [proposal.extensions(extensions([]))] });
      await expectRefusal(theirs.receive(commit), /OpenError/, "theirs refuses the commit");
    },
  },
  {
    section: "§12.4.3.1",
    what: "it demands of all non-blank ancestors of an unmerged leaf that they list the same ones, and refuses good trees",
    direction: "theirs joins ours",
    suites: ALL,
    async run(world) {
      const ours = await Promise.all([0, 1, 2, 3, 4].map(() => world.ours()));
      await world.group(ours);
      const [first, second, third, fourth, fifth] = ours as [PeerMember, PeerMember, PeerMember, PeerMember, PeerMember];
      await remove(first, second, [third, fourth, fifth]);
      // Leaf 1 comes anew and is unmerged at two parents; then leaf 4 renews the upper one, and the lower keeps it.
      const anew = await world.ours();
      await invite(fifth, [first, third, fourth], [anew]);
      const { commit } = await fifth.commit({ withPath: true });
      await follow(commit, [first, third, fourth, anew]);
      await fifth.merge();
      const [joins, refused] = [await world.ours(), await world.tsMls()];
      const adds = [proposal.add(await joins.keyPackage()), proposal.add(await refused.keyPackage())];
      const bundle = await first.commit({ proposals: adds });
      await follow(bundle.commit, [third, fourth, fifth, anew]);
      await first.merge();
      await joins.join(bundle.welcome!);
      await expectRefusal(refused.join(bundle.welcome!), UNMERGED, "theirs refuses the tree");
      await agree([first, third, fourth, fifth, anew, joins], 1);
    },
  },
];

/** Why the package refuses such a tree. */
export const UNMERGED = "non-blank intermediate node must list leaf node in its unmerged_leaves";

async function remove(by: PeerMember, gone: PeerMember, others: readonly PeerMember[]): Promise<void> {
  const { commit } = await by.commit({ proposals: [proposal.remove((await gone.view()).ownLeaf)] });
  await follow(commit, others);
  await by.merge();
}

/** The GroupInfo that `member` would send if it wrote the length of external_pub. */
async function corrected(member: TsMlsMember): Promise<Bytes> {
  const { state, suite } = member;
  const { publicKey } = await suite.hpke.deriveKeyPair(state.keySchedule.externalSecret);
  const bare = await suite.hpke.exportPublicKey(publicKey);
  expect(equal(externalPub(await member.groupInfo()), bare), `external_pub is the bare key ${hex(bare).slice(0, 8)}…`);
  const data = new Writer().opaque(bare).take();
  const tree = { extensionType: "ratchet_tree", extensionData: (await member.ratchetTree()) as Uint8Array } as const;
  const groupInfo = await createGroupInfo(state.groupContext, state.confirmationTag, state, [{ extensionType: EXTERNAL_PUB, extensionData: data }, tree], suite);
  return encodeMlsMessage({ wireformat: "mls_group_info", version: "mls10", groupInfo });
}

/** The data of the external_pub extension of a GroupInfo. */
function externalPub(message: Bytes): Bytes {
  const decoded = decodeMlsMessage(message as Uint8Array, 0)?.[0];
  expect(decoded?.wireformat === "mls_group_info", "a GroupInfo decodes");
  const found = decoded.groupInfo.extensions.find((each) => each.extensionType === EXTERNAL_PUB);
  expect(found, "the GroupInfo has external_pub");
  return found.extensionData;
}
