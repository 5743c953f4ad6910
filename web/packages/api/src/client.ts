/** Every call of docs/api.md as a typed method. The interface is what the rest of the client knows; the class speaks HTTP. */
import { type FilePart, Http, type HttpOptions } from "./http.ts";
import type * as t from "./types.ts";

export interface WardlineApi {
  signInPassword(username: string, password: string): Promise<t.PasswordAnswer>;
  signInWebAuthn(signInId: string, assertion: t.WebAuthnAssertion): Promise<t.Session>;
  signInTotp(signInId: string, code: string): Promise<t.Session>;
  enrolBegin(signInId: string, activationCode: string, factor: "webauthn"): Promise<t.WebAuthnCreation>;
  enrolBegin(signInId: string, activationCode: string, factor: "totp"): Promise<t.TotpCreation>;
  enrolWebAuthn(signInId: string, attestation: t.WebAuthnAttestation): Promise<t.Session>;
  enrolTotp(signInId: string, code: string): Promise<t.Session>;

  session(): Promise<t.Session>;
  signOut(): Promise<void>;
  sessionChallenge(): Promise<{ challenge: t.Base64Url }>;
  bindDevice(request: { device_id: string; challenge: t.Base64Url; signature: t.Base64Url }): Promise<t.Session>;
  factors(): Promise<{ factors: t.Factor[] }>;
  addWebAuthnBegin(): Promise<t.WebAuthnCreation>;
  addWebAuthn(attestation: t.WebAuthnAttestation): Promise<void>;
  addTotpBegin(): Promise<t.TotpCreation>;
  addTotp(code: string): Promise<void>;
  removeFactor(factorId: string): Promise<void>;

  enrolDevice(request: {
    device_id: string;
    name: string;
    signature_key: t.Base64Url;
    challenge: t.Base64Url;
    signature: t.Base64Url;
  }): Promise<t.DeviceEnrolment>;
  devices(): Promise<{ devices: t.Device[] }>;
  revokeDevice(deviceId: string): Promise<void>;
  storageShare(): Promise<{ storage_share: t.Base64Url }>;
  putKeyPackages(request: { key_packages: t.Base64Url[]; last_resort?: t.Base64Url }): Promise<{ available: number }>;
  keyPackages(): Promise<{ available: number; has_last_resort: boolean }>;
  claimKeyPackages(conversationId: string, userIds: string[]): Promise<{ claimed: t.ClaimedKeyPackage[]; without_device: string[] }>;

  deviceLogCheckpoint(): Promise<{ checkpoint: string }>;
  deviceLogConsistency(from: number, to: number): Promise<{ proof: t.Base64Url[] }>;
  deviceLogInclusion(size: number, certificates: t.Base64Url[]): Promise<{ proofs: t.LoggedCertificate[] }>;
  deviceLogEntries(first: number, last: number, size: number): Promise<{ entries: string[]; proof: t.Base64Url[] }>;
  reportDeviceLog(report: { problem: t.DeviceLogProblem; conversation_id?: string }): Promise<void>;

  searchDirectory(query: t.DirectoryQuery): Promise<{ people: t.Person[]; next_cursor?: string }>;
  person(userId: string): Promise<t.Person>;
  services(): Promise<{ services: t.Named[] }>;
  locations(): Promise<{ locations: t.Named[] }>;
  onCall(): Promise<{ roles: t.OnCallRole[] }>;
  confirmContact(userId: string): Promise<void>;
  similarPeople(userIds: string[]): Promise<{ similar: { user_id: string; look_alikes: t.Person[] }[] }>;

  matchPatient(query: t.PatientQuery): Promise<t.PatientMatch>;
  patient(patientId: string): Promise<t.Patient>;
  patients(): Promise<{ patients: t.Patient[] }>;

  deliveryService(): Promise<t.DeliveryService>;
  sendDecision(question: t.SendQuestion): Promise<t.SendDecision>;
  createConversation(bundle: t.NewConversation): Promise<t.Conversation>;
  conversations(): Promise<{ conversations: t.Conversation[] }>;
  conversation(id: string): Promise<t.Conversation>;
  postMessage(conversationId: string, message: t.NewMessage): Promise<{ sequence: number; stored_at: t.Microseconds }>;
  postCommit(conversationId: string, commit: t.NewCommit): Promise<{ sequence: number; epoch: number }>;
  groupInfo(conversationId: string): Promise<{ epoch: number; group_info: t.Base64Url; ratchet_tree: t.Base64Url }>;
  log(conversationId: string, after: number, limit: number): Promise<{ entries: t.Entry[]; last_sequence: number }>;
  postReceipts(conversationId: string, marks: Partial<t.ReceiptMarks>): Promise<void>;
  reportUnprocessable(conversationId: string, sequence: number): Promise<void>;
  beginFile(conversationId: string, file: t.NewFile): Promise<t.FileUpload>;
  putFilePart(conversationId: string, fileId: string, part: { bytes: Blob; first: number; size: number; signal?: AbortSignal }): Promise<t.FileUpload>;
  completeFile(conversationId: string, fileId: string): Promise<t.FileUpload>;
  cancelFile(conversationId: string, fileId: string): Promise<void>;
  filePart(conversationId: string, fileId: string, part: { first: number; last: number; signal?: AbortSignal }): Promise<FilePart>;
  welcomes(): Promise<{ welcomes: t.Welcome[] }>;
  deleteWelcome(welcomeId: string): Promise<void>;
}

export function createHttpApi(options: HttpOptions = {}): WardlineApi {
  const http = new Http(options);
  const get = <T>(path: string) => http.request<T>("GET", path);
  const post = <T>(path: string, body: unknown = {}) => http.request<T>("POST", path, body);
  const remove = (path: string) => http.request<void>("DELETE", path);
  const conversation = (id: string, rest = "") => `/v1/conversations/${encodeURIComponent(id)}${rest}`;
  const file = (id: string, fileId: string) => conversation(id, `/files/${encodeURIComponent(fileId)}`);

  return {
    signInPassword: (username, password) => post("/v1/sign-in/password", { username, password }),
    signInWebAuthn: (sign_in_id, assertion) => post("/v1/sign-in/webauthn", { sign_in_id, ...assertion }),
    signInTotp: (sign_in_id, code) => post("/v1/sign-in/totp", { sign_in_id, code }),
    // The overloads say which answer belongs to which factor; one request serves both.
    enrolBegin: (sign_in_id: string, activation_code: string, factor: t.FactorKind) =>
      post<never>("/v1/sign-in/enrol/begin", { sign_in_id, activation_code, factor }),
    enrolWebAuthn: (sign_in_id, attestation) => post("/v1/sign-in/enrol/webauthn", { sign_in_id, ...attestation }),
    enrolTotp: (sign_in_id, code) => post("/v1/sign-in/enrol/totp", { sign_in_id, code }),

    session: () => get("/v1/session"),
    signOut: () => remove("/v1/session"),
    sessionChallenge: () => post("/v1/session/challenge"),
    bindDevice: (request) => post("/v1/session/device", request),
    factors: () => get("/v1/factors"),
    addWebAuthnBegin: () => post("/v1/factors/webauthn/begin"),
    addWebAuthn: (attestation) => post("/v1/factors/webauthn", attestation),
    addTotpBegin: () => post("/v1/factors/totp/begin"),
    addTotp: (code) => post("/v1/factors/totp", { code }),
    removeFactor: (id) => remove(`/v1/factors/${encodeURIComponent(id)}`),

    enrolDevice: (request) => post("/v1/devices", request),
    devices: () => get("/v1/devices"),
    revokeDevice: (id) => post(`/v1/devices/${encodeURIComponent(id)}/revoke`),
    storageShare: () => get("/v1/devices/storage-share"),
    putKeyPackages: (request) => http.request("PUT", "/v1/key-packages", request),
    keyPackages: () => get("/v1/key-packages"),
    claimKeyPackages: (conversation_id, user_ids) => post("/v1/key-packages/claim", { conversation_id, user_ids }),

    deviceLogCheckpoint: () => get("/v1/device-log/checkpoint"),
    deviceLogConsistency: (from, to) => get(`/v1/device-log/consistency?from=${from}&to=${to}`),
    deviceLogInclusion: (size, certificates) => post("/v1/device-log/inclusion", { size, certificates }),
    deviceLogEntries: (first, last, size) => get(`/v1/device-log/entries?first=${first}&last=${last}&size=${size}`),
    reportDeviceLog: (report) => post("/v1/device-log/reports", report),

    searchDirectory: (query) => post("/v1/directory/search", query),
    person: (id) => get(`/v1/directory/people/${encodeURIComponent(id)}`),
    services: () => get("/v1/directory/services"),
    locations: () => get("/v1/directory/locations"),
    onCall: () => get("/v1/on-call"),
    confirmContact: (id) => post(`/v1/contacts/${encodeURIComponent(id)}/confirm`),
    similarPeople: (user_ids) => post("/v1/directory/similar", { user_ids }),

    matchPatient: (query) => post("/v1/patients/match", query),
    patient: (id) => get(`/v1/patients/${encodeURIComponent(id)}`),
    patients: () => get("/v1/patients"),

    deliveryService: () => get("/v1/delivery-service"),
    sendDecision: (question) => post("/v1/send-decision", question),
    createConversation: (bundle) => post("/v1/conversations", bundle),
    conversations: () => get("/v1/conversations"),
    conversation: (id) => get(conversation(id)),
    postMessage: (id, message) => post(conversation(id, "/messages"), message),
    postCommit: (id, commit) => post(conversation(id, "/commits"), commit),
    groupInfo: (id) => get(conversation(id, "/group-info")),
    log: (id, after, limit) => get(conversation(id, `/log?after=${after}&limit=${limit}`)),
    postReceipts: (id, marks) => post(conversation(id, "/receipts"), marks),
    reportUnprocessable: (id, sequence) => post(conversation(id, "/reports"), { sequence, reason: "cannot-process-commit" }),
    beginFile: (id, file) => post(conversation(id, "/files"), file),
    putFilePart: (id, fileId, { bytes, first, size, signal }) => http.putPart(file(id, fileId), bytes, first, size, signal),
    completeFile: (id, fileId) => post(`${file(id, fileId)}/complete`),
    cancelFile: (id, fileId) => remove(file(id, fileId)),
    filePart: (id, fileId, { first, last, signal }) => http.getPart(file(id, fileId), first, last, signal),
    welcomes: () => get("/v1/welcomes"),
    deleteWelcome: (id) => remove(`/v1/welcomes/${encodeURIComponent(id)}`),
  };
}
