/** The shapes of docs/api.md, as they are on the wire. Times are microseconds since 1970, binary values base64url. */

export type Base64Url = string;
export type Microseconds = number;

export type Role = "clinician" | "resident" | "charge_nurse" | "nurse" | "privacy_officer" | "admin";
export type Priority = "routine" | "urgent" | "critical";
export type SessionStage = "signed_in" | "device_bound";
export type FactorKind = "webauthn" | "totp";

export interface Named {
  id: string;
  name: string;
}

export interface OnCallDuty {
  role_id: string;
  name: string;
  until_at: Microseconds | null;
}

export interface Person {
  user_id: string;
  name: string;
  username?: string;
  role: Role;
  role_title: string;
  service: Named;
  location: Named;
  on_call: OnCallDuty[];
  status: "active" | "inactive";
  has_device: boolean;
  contact: "confirmed" | "new" | "self";
}

export interface OnCallRole {
  role_id: string;
  name: string;
  service: Named;
  now: Person | null;
  until_at: Microseconds | null;
  next: Person | null;
}

export interface Patient {
  patient_id: string;
  family_name: string;
  given_name: string;
  birth_date: string;
  sex: string;
  mrn: string;
  location: Named & { bed: string };
  service: Named;
  allergies: string[];
}

export type PatientIdentifier = "mrn" | "birth_date" | "family_name" | "given_name";

export interface PatientMatch {
  patient: Patient;
  matched_on: PatientIdentifier[];
  match_id: string;
}

export interface Device {
  device_id: string;
  user_id: string;
  name: string;
  created_at: Microseconds;
  last_seen_at: Microseconds;
  revoked_at?: Microseconds;
  certificate: Base64Url;
}

export interface Session {
  session: { stage: SessionStage; expires_at: Microseconds; idle_seconds: number };
  user: Person;
  device: Device | null;
  permissions: string[];
}

export interface WebAuthnRequest {
  challenge: Base64Url;
  rp_id: string;
  credential_ids: Base64Url[];
  timeout_ms: number;
}

export interface PasswordAnswer {
  sign_in_id: string;
  next: "second_factor" | "enrol_factor";
  factors: FactorKind[];
  webauthn?: WebAuthnRequest;
}

export interface WebAuthnCreation {
  challenge: Base64Url;
  rp_id: string;
  rp_name: string;
  user_handle: Base64Url;
  user_name: string;
  display_name: string;
  algorithms: number[];
  exclude_credential_ids?: Base64Url[];
}

export interface TotpCreation {
  secret_base32: string;
  otpauth_uri: string;
}

export interface WebAuthnAssertion {
  credential_id: Base64Url;
  authenticator_data: Base64Url;
  client_data_json: Base64Url;
  signature: Base64Url;
}

export interface WebAuthnAttestation {
  attestation_object: Base64Url;
  client_data_json: Base64Url;
  name: string;
}

export interface Factor {
  factor_id: string;
  kind: FactorKind;
  name: string;
  created_at: Microseconds;
  last_used_at?: Microseconds | null;
}

export interface DeviceEnrolment {
  device: Device;
  certificate_chain: Base64Url[];
  storage_share: Base64Url;
}

export interface ClaimedKeyPackage {
  user_id: string;
  device_id: string;
  key_package: Base64Url;
}

export interface ReceiptMarks {
  delivered: number;
  read: number;
  acknowledged: number;
}

export interface ConversationMember extends ReceiptMarks {
  user_id: string;
  joined_sequence: number;
  devices: number;
}

export interface Conversation {
  conversation_id: string;
  kind: "direct" | "group";
  created_at: Microseconds;
  created_by: string;
  epoch: number;
  last_sequence: number;
  members: ConversationMember[];
  patient: { patient_id: string; matched_on: PatientIdentifier[] } | null;
  cipher_suite: number;
  state: "active" | "closed";
  /** `member` is false while this very device has still to join. */
  mine: ReceiptMarks & { member?: boolean };
}

export interface Entry {
  conversation_id: string;
  sequence: number;
  kind: "message" | "commit" | "proposal";
  sender: { user_id: string; device_id: string } | null;
  epoch: number;
  /** Empty in what the socket brings of this device's own messages. */
  body: Base64Url;
  stored_at: Microseconds;
  priority: Priority;
  needs_acknowledgement: boolean;
  idempotency_id: string;
}

export interface Obligation {
  kind: "confirm_contact" | "confirm_cross_service" | "reason";
  user_id?: string;
  text: string;
}

/** Why somebody writes outside their service or the patient's care team: a word for the audit log, never what somebody types. */
export type StatedReason = "consult" | "handover" | "on-call" | "emergency" | "coordination" | "other";

export interface SendQuestion {
  user_ids: string[];
  patient_id?: string;
  priority: Priority;
}

/** What was answered of the obligations of people who come into a conversation. Contacts are confirmed by a call of their own. */
export interface Confirmed {
  /** Works in another service, as the sender has confirmed. */
  cross_service?: string[];
  reason?: { word: StatedReason; user_ids: string[] };
}

export interface SendDecision {
  permit: boolean;
  obligations: Obligation[];
  denied?: { code: string; text: string };
}

export interface Welcome {
  welcome_id: string;
  conversation_id: string;
  sequence: number;
  welcome: Base64Url;
  ratchet_tree: Base64Url;
}

/** What a client found wrong with a device, or with the log of all devices. */
export type DeviceLogProblem = "other-key" | "bad-signature" | "rolled-back" | "forked" | "not-included" | "unlogged-device" | "members-differ";

export interface LoggedCertificate {
  certificate: Base64Url;
  index: number;
  proof: Base64Url[];
}

export interface DeliveryService {
  external_sender: Base64Url;
  device_ca: Base64Url;
  device_log_key: string;
  cipher_suite: number;
  max_members: number;
  max_message_bytes: number;
  /** Of the ciphertext of one file, and of one request that carries a part of it. */
  files: { max_bytes: number; part_bytes: number };
}

export interface NewFile {
  file_id: string;
  size: number;
  sha256: Base64Url;
}

export interface FileUpload {
  file_id: string;
  received: number;
  complete: boolean;
  part_bytes: number;
  expires_at: Microseconds;
}

export interface NewConversation {
  conversation_id: string;
  kind: "direct" | "group";
  user_ids: string[];
  match_id?: string;
  confirmed?: Confirmed;
  group_info_0: Base64Url;
  commit: Base64Url;
  welcome: Base64Url;
  group_info: Base64Url;
}

export interface NewMessage {
  idempotency_id: string;
  epoch: number;
  message: Base64Url;
  priority: Priority;
  needs_acknowledgement: boolean;
}

export interface NewCommit {
  idempotency_id: string;
  epoch: number;
  commit: Base64Url;
  welcome?: Base64Url;
  group_info: Base64Url;
  user_ids_added: string[];
  user_ids_removed: string[];
  confirmed?: Confirmed;
}

export interface DirectoryQuery {
  query?: string;
  role?: Role;
  service_id?: string;
  location_id?: string;
  on_call?: true;
  cursor?: string;
  limit?: number;
}

export type PatientQuery = Partial<Record<PatientIdentifier, string>>;
