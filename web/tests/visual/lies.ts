/** What a server that somebody has taken over does about devices, for looking at what the client says then (ENC-8). */
import { encodeBase64Url } from "@wardline/api";
import { type SessionController, uuidv7 } from "@wardline/messaging";
import { AMARA, type DoubleServer, JONAS, MARCUS } from "@wardline/tests/double";
import { deviceOf } from "./puppet.ts";

const GHOST = "99999999-9999-4999-8999-999999999999";

export class Lies {
  private readonly server: DoubleServer;
  private readonly session: SessionController;

  constructor(server: DoubleServer, session: SessionController) {
    this.server = server;
    this.session = session;
  }

  /** An entry disappears from the log of devices. */
  async rewriteTheLog(): Promise<void> {
    this.server.deviceLog.entries = this.server.deviceLog.entries.slice(1);
    await this.checkAgain();
  }

  /** A device that is in no log joins the conversation with Jonas Park, in the name of Marcus Bell. */
  slipGhostIn(): void {
    const room = [...this.server.rooms.values()].find(({ members }) => members.size === 2 && members.has(JONAS.user_id))!;
    const { conversation_id: id, epoch } = room.conversation;
    const by = { userId: JONAS.user_id, deviceId: deviceOf(JONAS) };
    const frame = { type: "commit", id, epoch, sender: by, nonce: uuidv7(), add: [{ userId: MARCUS.user_id, deviceId: GHOST }], remove: [] };
    const commit = encodeBase64Url(new TextEncoder().encode(JSON.stringify(frame)));
    this.server.commit(by, id, { idempotency_id: uuidv7(), epoch, commit, group_info: room.groupInfo, user_ids_added: [], user_ids_removed: [] });
  }

  /** A device in my name that I never added. */
  async addDeviceInMyName(): Promise<void> {
    const at = this.server.now();
    this.server.devices.set(GHOST, { device_id: GHOST, user_id: AMARA.user_id, name: "Edge on Windows", created_at: at, last_seen_at: at, certificate: "AAAA" });
    this.server.deviceLog.add(AMARA.user_id, GHOST, at);
    await this.checkAgain();
  }

  private async checkAgain(): Promise<void> {
    const state = this.session.state.get();
    if (state.stage === "ready") await state.workspace.commands.run("checkDeviceLog", null);
  }
}
