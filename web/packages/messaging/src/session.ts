/** From "nobody is here" to a working session and back, as one state that the views draw. */
import {
  type FactorKind, isProblem, isSessionLoss, isTransient, type PasswordAnswer, type Session, type TotpCreation, type WardlineApi,
} from "@wardline/api";
import { type DeviceRecord, findDevice, removeDevice, SealedStore, UnsealError } from "@wardline/store";
import { bindDevice, describeBrowser, enrolDevice, isStillRegistered, type SetupStep } from "./device.ts";
import { Observable } from "./observable.ts";
import { askForPasskey, createPasskey } from "./webauthn.ts";
import type { Workspace, WorkspaceParts } from "./workspace.ts";

const END_REASONS = ["signed-out", "locked", "idle", "expired", "revoked"] as const;
export type EndReason = (typeof END_REASONS)[number];

export type SessionState =
  | { readonly stage: "starting" }
  | { readonly stage: "unreachable" }
  | { readonly stage: "signed_out"; readonly reason: EndReason | null; readonly username: string }
  | { readonly stage: "second_factor"; readonly answer: PasswordAnswer; readonly username: string }
  | { readonly stage: "enrol"; readonly answer: PasswordAnswer; readonly username: string }
  | { readonly stage: "enrol_totp"; readonly answer: PasswordAnswer; readonly username: string; readonly creation: TotpCreation }
  | { readonly stage: "setting_up"; readonly session: Session; readonly step: SetupStep; readonly failed: "unreachable" | "refused" | null }
  /** What this browser kept cannot be opened any more: it was revoked, or its data damaged. */
  | { readonly stage: "device_lost"; readonly session: Session; readonly reason: "revoked" | "unreadable" }
  | { readonly stage: "ready"; readonly workspace: Workspace };

/** Everything of one person that this browser keeps: the keys first, without which the rest is noise. */
async function wipe(userId: string, deviceId?: string): Promise<void> {
  // Another tab may have made a new device of this browser by now.
  if (deviceId !== undefined && (await findDevice(userId))?.deviceId !== deviceId) return;
  await removeDevice(userId);
  await SealedStore.erase(userId);
}

export type SessionParts = Omit<WorkspaceParts, "onSessionEnded">;

/** How long a new device's set-up waits until colleagues can write to it. */
const REACHABLE_MILLISECONDS = 15_000;

/** Everything behind the sign-in is fetched while the server is asked who is here. */
const loadWorkspace = () => import("./workspace.ts");

const OWED_SIGN_OUT = "wardline-owed-sign-out";

export class SessionController {
  readonly state = new Observable<SessionState>({ stage: "starting" });
  private readonly api: WardlineApi;
  private readonly parts: SessionParts;
  private username = "";
  /** That the server is being told of the end of a session: before that no other begins. */
  private leaving: Promise<void> = Promise.resolve();

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.api = parts.api;
  }

  /** Takes up the session that the cookie stands for, if there is one. */
  async start(): Promise<void> {
    this.state.set({ stage: "starting" });
    loadWorkspace().catch(() => undefined);
    try {
      await this.payOwedSignOut();
      await this.enter(await this.api.session());
    } catch (error) {
      if (isSessionLoss(error)) this.state.set({ stage: "signed_out", reason: null, username: this.username });
      else this.state.set({ stage: "unreachable" });
    }
  }

  async password(username: string, password: string): Promise<void> {
    await this.leaving;
    await this.payOwedSignOut();
    const answer = await this.api.signInPassword(username, password);
    this.username = username;
    this.state.set({ stage: answer.next === "enrol_factor" ? "enrol" : "second_factor", answer, username });
  }

  async passkey(): Promise<void> {
    const answer = this.answer();
    if (answer.webauthn === undefined) throw new RangeError("no passkey was offered");
    const assertion = await askForPasskey(answer.webauthn);
    await this.enter(await this.api.signInWebAuthn(answer.sign_in_id, assertion));
  }

  async totp(code: string): Promise<void> {
    await this.enter(await this.api.signInTotp(this.answer().sign_in_id, code));
  }

  async enrol(activationCode: string, factor: FactorKind): Promise<void> {
    const answer = this.answer();
    if (factor === "totp") {
      const creation = await this.api.enrolBegin(answer.sign_in_id, activationCode, "totp");
      this.state.set({ stage: "enrol_totp", answer, username: this.username, creation });
      return;
    }
    const creation = await this.api.enrolBegin(answer.sign_in_id, activationCode, "webauthn");
    const attestation = await createPasskey(creation, describeBrowser(navigator.userAgent));
    await this.enter(await this.api.enrolWebAuthn(answer.sign_in_id, attestation));
  }

  async confirmTotp(code: string): Promise<void> {
    await this.enter(await this.api.enrolTotp(this.answer().sign_in_id, code));
  }

  back(): void {
    this.state.set({ stage: "signed_out", reason: null, username: this.username });
  }

  /** Again after a set-up step failed. */
  async retry(): Promise<void> {
    const state = this.state.get();
    if (state.stage === "setting_up") await this.setUp(state.session);
    else await this.start();
  }

  /** Erases what cannot be opened any more and makes this browser a new device. */
  async replaceDevice(): Promise<void> {
    const state = this.state.get();
    if (state.stage !== "device_lost") return;
    await wipe(state.session.user.user_id);
    await this.setUp(state.session);
  }

  /** Somebody ends the session, everywhere in this browser. What was written stays on the device, sealed. */
  async end(reason: Exclude<EndReason, "expired" | "revoked">): Promise<void> {
    await this.leave(reason, () => this.signOut());
  }

  /** It has ended already. Called by the API client on every 401, by the socket, and by the tab in which somebody ended it. */
  sessionLost(reason: string): void {
    const known = END_REASONS.find((one) => one === reason);
    void this.leave(known ?? (reason === "device-revoked" ? "revoked" : "expired"), () => Promise.resolve());
  }

  private async leave(reason: EndReason, tellServer: () => Promise<void>): Promise<void> {
    const state = this.state.get();
    if (state.stage !== "ready") return;
    state.workspace.tellOthers(reason);
    // From the first moment nothing is on screen; the rest follows.
    this.state.set({ stage: "signed_out", reason, username: reason === "signed-out" ? "" : this.username });
    const closed = state.workspace.close();
    // Now, and not once everything is put away: somebody may have signed in anew by then.
    const { me } = state.workspace;
    this.leaving = reason === "revoked" ? closed.then(() => wipe(me.userId, me.deviceId)) : tellServer();
    await Promise.all([closed, this.leaving]);
  }

  /** The cookie is not ours to delete: what the server did not hear is told before anything else next time. */
  private async signOut(): Promise<void> {
    await this.api.signOut().catch((error: unknown) => isTransient(error) && localStorage.setItem(OWED_SIGN_OUT, "1"));
  }

  private answer(): PasswordAnswer {
    const state = this.state.get();
    if ("answer" in state) return state.answer;
    throw new RangeError("no sign-in is under way");
  }

  private async payOwedSignOut(): Promise<void> {
    if (localStorage.getItem(OWED_SIGN_OUT) === null) return;
    await this.api.signOut().catch((error: unknown) => {
      if (!isSessionLoss(error)) throw error;
    });
    localStorage.removeItem(OWED_SIGN_OUT);
  }

  private async enter(session: Session): Promise<void> {
    this.username = session.user.username ?? this.username;
    await this.setUp(session);
  }

  private async setUp(session: Session): Promise<void> {
    const step = (now: SetupStep) => this.state.set({ stage: "setting_up", session, step: now, failed: null });
    const userId = session.user.user_id;
    try {
      const known = await findDevice(userId);
      if (known === undefined || known.certificateChain.length === 0) {
        const name = describeBrowser(navigator.userAgent);
        const { device, enrolment } = await enrolDevice(this.api, userId, known, name, step);
        step("store");
        await this.open(session, device, enrolment.storage_share, step, true);
        return;
      }
      const isBound = session.session.stage === "device_bound" && session.device?.device_id === known.deviceId;
      if (!isBound) step("register");
      const bound = isBound ? session : await this.bind(session, known);
      if (bound === null) return;
      if (!isBound) step("store");
      const { storage_share } = await this.api.storageShare();
      await this.open(bound, known, storage_share, isBound ? () => undefined : step, false);
    } catch (error) {
      await this.setUpFailed(session, error);
    }
  }

  /** Null when the server does not know the device any more, and the state says so. */
  private async bind(session: Session, device: DeviceRecord): Promise<Session | null> {
    try {
      return await bindDevice(this.api, device);
    } catch (error) {
      if (!isProblem(error, "wrong-proof") || (await isStillRegistered(this.api, device.deviceId))) throw error;
      await this.revoked(session);
      return null;
    }
  }

  private async open(session: Session, device: DeviceRecord, share: string, step: (step: SetupStep) => void, isNew: boolean): Promise<void> {
    const parts: WorkspaceParts = { ...this.parts, onSessionEnded: (reason) => this.sessionLost(reason) };
    const { Workspace } = await loadWorkspace();
    const workspace = await Workspace.open(parts, session, device, share);
    step("join");
    if (isNew) await Promise.race([workspace.reachable, new Promise((resolve) => setTimeout(resolve, REACHABLE_MILLISECONDS))]);
    this.state.set({ stage: "ready", workspace });
  }

  /** The organisation has taken this device out: what it kept goes at once, and not when somebody presses a button (DEV-2). */
  private async revoked(session: Session): Promise<void> {
    await wipe(session.user.user_id);
    this.state.set({ stage: "device_lost", session, reason: "revoked" });
  }

  private async setUpFailed(session: Session, error: unknown): Promise<void> {
    const state = this.state.get();
    const step = state.stage === "setting_up" ? state.step : "key";
    if (isProblem(error, "device-revoked")) return this.revoked(session);
    if (error instanceof UnsealError) this.state.set({ stage: "device_lost", session, reason: "unreadable" });
    else if (isSessionLoss(error)) this.state.set({ stage: "signed_out", reason: "expired", username: this.username });
    else this.state.set({ stage: "setting_up", session, step, failed: isProblem(error) && !isTransient(error) ? "refused" : "unreachable" });
  }
}
