/** Types of earshot.js, the Earshot client; what each thing does is said there. */

export const version: string;

export type SourceKind = 'mic' | 'camera' | 'screen' | 'screenAudio';
export type SlotKind = 'audio' | 'video';
export type Detail = 'paused' | 'thumbnail' | 'medium' | 'full';
export const kinds: readonly SourceKind[];

/** Metres from the upper left corner; heading in radians, clockwise from the positive x axis. */
export interface Pose {
  x: number;
  y: number;
  heading: number;
}

export interface Person extends Pose {
  readonly participant: number;
  readonly name: string;
  /** What is on; one's own as the server was told. */
  readonly published: ReadonlySet<SourceKind>;
}

/** As the server says, microphones that are off apart; whatever walls, stages or whispers do. */
export interface Hearing {
  /** One hears it. */
  readonly isHeard: boolean;
  /** It hears oneself. */
  readonly hearsMe: boolean;
}

/** Where on the floor somebody who is in no bubble would hear oneself. No zone is in two parts. */
export interface VoiceReach {
  readonly parts: readonly ReachPart[];
  /** How many of those whom one does not see hear oneself, and are heard. */
  readonly hearersOutOfSight: number;
  readonly heardOutOfSight: number;
}

/** What lies in one of the zones, within the radius and within the outline. */
export interface ReachPart {
  /** By their place in the plan; -1 for the floor that lies in none. */
  readonly zones: readonly number[];
  /** Metres from where one stands; null: everywhere in the zones. */
  readonly radius: number | null;
  /** Corners in metres from where one stands; null: nothing is in the way. */
  readonly outline: readonly Point[] | null;
}

export interface Reach {
  enter: number;
  leave: number;
}

export type Point = [x: number, y: number];

export interface Zone {
  name: string;
  kind: 'room' | 'private' | 'stage' | 'quiet' | 'desk' | 'lobby';
  outline: Point[];
  /** The share of sound that passes the outline. */
  transmission: number;
  capacity?: number;
  /** Of a stage: the name of the zone that hears it, and who speaks on it. */
  audience?: string;
  podium?: 'open' | 'moderated';
  /** Where people hear each other less or more far than the plan says. */
  audible?: Reach;
}

export type DoorState = 'open' | 'shut' | 'locked';
export const doorStates: readonly DoorState[];

export interface FloorPlan {
  width: number;
  height: number;
  audible: Reach;
  visible: Reach;
  fullGainRadius: number;
  sightRadius: number;
  maxSpeed: number;
  zones: Zone[];
  walls: { line: [Point, Point]; transmission: number }[];
  doors: { name: string; line: [Point, Point]; state: DoorState }[];
  portals: Portal[];
}

/** A way to another space, whose id is `space`. */
export interface Portal {
  name: string;
  at: Point;
  radius: number;
  space: string;
}

export interface Source {
  participant: number;
  kind: SourceKind;
}

export interface Slot {
  readonly kind: SlotKind;
  readonly index: number;
  readonly receiver: RTCRtpReceiver;
  readonly track: MediaStreamTrack;
  /** Who fills the slot; null when it is free. */
  readonly source: Source | null;
  readonly sourceId: number;
  /** In [0, 1]. */
  readonly gain: number;
  /** Radians, clockwise from the listener's heading. */
  readonly azimuth: number;
  /** Metres. */
  readonly distance: number;
  /** How much of a camera comes. */
  readonly detail: Detail;
  /** Loudness of the last packets in [0, 1]. */
  readonly level: number;
  /** The source id that the media packets carry (CSRC), or 0. */
  readonly contributingSourceId: number;
}

export type OfficeState = 'connecting' | 'connected' | 'interrupted' | 'reconnecting' | 'closed';

/** Codes of PROTOCOL.md 1.2, and the client's own. */
export type ErrorCode =
  | 'message-invalid' | 'type-unknown' | 'state-invalid' | 'token-invalid' | 'token-expired'
  | 'space-unknown' | 'offer-invalid' | 'limit-reached' | 'rate-limited' | 'join-timeout'
  | 'left' | 'consent-expired' | 'connect-timeout' | 'dtls-failed' | 'fingerprint-mismatch'
  | 'replaced' | 'shutting-down' | 'internal'
  | 'unsupported' | 'aborted' | 'not-granted' | 'track-ended' | 'signalling-unreachable'
  | 'media-unreachable' | NoticeCode;

/** A section of the offer cannot be used, or has none of the codecs that are forwarded. */
export type NoticeCode = 'section-unusable' | 'codecs-unusable';

/** What of this browser's offer the server does not use, although the join goes on. */
export interface Notice {
  readonly code: NoticeCode | (string & {});
  /** Why, and what is allowed: for developers. */
  readonly message: string;
  /** Of the section of the offer, if it has one. */
  readonly mid?: string;
}

export class EarshotError extends Error {
  constructor(code: ErrorCode | (string & {}), message?: string, options?: ErrorOptions);
  readonly code: ErrorCode | (string & {});
}
export class RefusedError extends EarshotError {}
export class UnreachableError extends EarshotError {}

export interface OfficeEvents {
  personentered: { person: Person & Hearing };
  personleft: { person: Person & Hearing };
  /** Who is in sight is heard, or hears oneself, or is so no longer. */
  hearingchanged: { person: Person & Hearing };
  /** One is heard elsewhere, or by others out of sight; at most four times a second. */
  reachchanged: { reach: VoiceReach };
  /** Somebody's sources changed; also one's own. */
  personchanged: { person: Person };
  /** `corrected`: the server cut or refused a move, and `person` is oneself. */
  posechanged: { person: Person; corrected: boolean };
  /** A source entered or left a slot. */
  slotchanged: { slot: Slot; previous: Source | null };
  /** Only gain, azimuth, distance or detail changed. */
  slothint: { slot: Slot };
  /** What others do, and what becomes of doors; `participant` 0 is nobody, `zone` and `door` -1. */
  news: { event: NewsKind; participant: number; zone: number; door: number; name: string };
  /** The operator has replaced the plan. */
  planchanged: { plan: FloorPlan };
  statechanged: { state: OfficeState; error?: Error; retryInMs?: number };
  /**
   * A source is off though nobody asked: its track ended by itself ('track-ended'), or a new
   * connection does not allow it ('not-granted', or the code of a notice) or cannot send it
   * ('internal'). Stop `track`.
   */
  trackended: { kind: SourceKind; track: MediaStreamTrack; error: EarshotError };
  /** The server complained; the connection goes on. */
  error: { error: EarshotError };
  /** For good: no reconnect follows. */
  closed: { code: string; error: Error };
}

export type NewsKind =
  | 'entryrefused' | 'doorchanged' | 'knock' | 'admitted' | 'stayended' | 'denied' | 'podiumasked'
  | 'podiumunasked' | 'podiumgiven' | 'podiumtaken' | 'invited' | 'bubblejoined' | 'bubbleleft'
  | 'whisper' | 'whisperended' | 'megaphoneon' | 'megaphoneoff' | 'followed' | 'followended'
  | 'called' | 'ownwhisperended' | 'portalreached' | 'knockended' | 'unknown';

export type Outcome =
  | 'done' | 'nothing-to-do' | 'not-allowed' | 'too-far' | 'full' | 'disturbs' | 'too-often'
  | 'lost' | 'unknown';

/** Zones, stages and doors by their place in the plan. */
export interface Acts {
  /** Participant → the stage whose podium it has. */
  readonly podiums: ReadonlyMap<number, number>;
  readonly megaphones: ReadonlySet<number>;
  /** Zone → until when one may enter it, in milliseconds since 1970. */
  readonly stays: ReadonlyMap<number, number>;
  /** Participant → name. */
  readonly bubble: ReadonlyMap<number, string>;
  /** A participant, or 0. */
  readonly whisperTo: number;
  readonly following: number;
  readonly disturbable: boolean;

  setDoor(door: number, state: DoorState): Promise<Outcome>;
  knock(zone: number): Promise<Outcome>;
  stopKnocking(zone: number): Promise<Outcome>;
  admit(participant: number, zone: number, minutes: number): Promise<Outcome>;
  deny(participant: number, zone: number): Promise<Outcome>;
  revoke(participant: number, zone: number): Promise<Outcome>;
  askForPodium(stage: number, on?: boolean): Promise<Outcome>;
  givePodium(participant: number, stage: number): Promise<Outcome>;
  takePodium(participant: number, stage: number): Promise<Outcome>;
  invite(participant: number): Promise<Outcome>;
  acceptInvite(participant: number): Promise<Outcome>;
  leaveBubble(): Promise<Outcome>;
  whisper(participant?: number): Promise<Outcome>;
  setMegaphone(on: boolean): Promise<Outcome>;
  setDoNotDisturb(on: boolean): Promise<Outcome>;
  follow(participant?: number): Promise<Outcome>;
  call(participant: number): Promise<Outcome>;
  acceptCall(participant: number): Promise<Outcome>;
  beam(participant: number): Promise<Outcome>;
}

export class OfficeEvent<Detail = unknown> extends Event {
  readonly detail: Detail;
}

export interface ConnectOptions {
  /** http(s) or ws(s) address of the server; relative ones are taken from the page's. */
  url: string | URL;
  /**
   * A join token, or where to get a fresh one; reconnecting after its expiry needs the latter, and
   * so do portals, which ask for one of another space. `space` is null for the first.
   */
  token: string | ((wanted: { space: string | null }) => string | Promise<string>);
  /** What may ever be published; all four if absent. */
  publish?: SourceKind[];
  /** Receive slots to offer; 24 and 16 if absent. */
  slots?: { audio?: number; video?: number };
  /** Aborting leaves the office at any time. */
  signal?: AbortSignal;
}

export function connect(options: ConnectOptions): Promise<Office>;

// An EventTarget whose listeners know what their events carry.
type TypedEventTarget = Omit<EventTarget, 'addEventListener' | 'removeEventListener'>;
declare const TypedEventTarget: new () => TypedEventTarget;

export class Office extends TypedEventTarget {
  private constructor();
  readonly people: ReadonlyMap<number, Person & Hearing>;
  readonly slots: { readonly audio: readonly Slot[]; readonly video: readonly Slot[] };
  readonly self: Person;
  readonly plan: FloorPlan;
  readonly space: string;
  /** What the token allows to publish. */
  readonly grants: readonly SourceKind[];
  /** What the token allows besides. */
  readonly may: readonly ('moderate' | 'megaphone' | 'beam')[];
  /** The private zones that are one's own. */
  readonly owns: readonly number[];
  /** Of the present connection; a source that one is about cannot be switched on. */
  readonly notices: readonly Notice[];
  /** Of one's sources, those that somebody gets now or may get soon; the others rest. */
  readonly wanted: ReadonlySet<SourceKind>;
  /** Of one's camera's layers, lowest first, those that somebody gets. */
  readonly wantedLayers: readonly boolean[];
  readonly reach: VoiceReach;
  /** How many hear oneself, and how many one hears, in sight or not. */
  readonly hearers: number;
  readonly heard: number;
  readonly acts: Acts;
  readonly state: OfficeState;
  /** Of the present connection, except `joins`. */
  readonly negotiations: { joins: number; offers: number; answers: number; iceRestarts: number };

  move(pose: { x: number; y: number; heading?: number }): void;
  /**
   * A track, or null for off. The last call wins. Off is told at once, and when it has resolved no
   * packet leaves; on waits for a connection, and rejects if the source is off after all.
   */
  setMicrophone(track: MediaStreamTrack | null): Promise<void>;
  setCamera(track: MediaStreamTrack | null): Promise<void>;
  setScreen(track: MediaStreamTrack | null, audioTrack?: MediaStreamTrack | null): Promise<void>;
  getStats(): Promise<RTCStatsReport>;
  /** Goes through a portal of the plan; rejects, and stays here, if the other space refuses. */
  pass(portal: Portal): Promise<void>;
  leave(): void;

  addEventListener<Type extends keyof OfficeEvents>(
    type: Type, listener: (event: OfficeEvent<OfficeEvents[Type]>) => void,
    options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof OfficeEvents>(
    type: Type, listener: (event: OfficeEvent<OfficeEvents[Type]>) => void,
    options?: boolean | EventListenerOptions): void;
}

export class SpatialAudio extends EventTarget {
  constructor(office: Office, options?: { context?: AudioContext; echo?: 'off' | 'loopback' });
  /** Nobody is heard but while it is 'running'; `statechanged` says when it is another. */
  readonly state: 'running' | 'suspended' | 'interrupted' | 'closed';
  readonly context: AudioContext;
  /** Call it from a click, tap or key whenever the sound is not running. */
  resume(): Promise<void>;
  setVolume(volume: number): void;
  setOutput(deviceId: string): Promise<void>;
  close(): void;
}

// The wire format, for tests and tools.

export interface SlotHint {
  kind: SlotKind;
  index: number;
  gain: number;
  azimuth: number;
  distance: number;
  detail: Detail;
}

export type EventRecord =
  | ({ type: 'entered' } & Person)
  | { type: 'left'; participant: number }
  | { type: 'published'; participant: number; published: Set<SourceKind> }
  | ({ type: 'slot'; sourceId: number; source: Source | null } & SlotHint)
  | { type: 'hints'; hints: SlotHint[] }
  | ({ type: 'pose' } & Pose)
  | { type: 'reset' }
  | { type: 'outcome'; number: number; outcome: Outcome }
  | { type: 'event'; event: NewsKind | 'moved'; participant: number; zone: number; door: number;
      doorState: DoorState; millisecondsLeft: number; name: string }
  | { type: 'wanted'; wanted: Set<SourceKind>; layers: boolean[] }
  | ({ type: 'hearing'; participant: number } & Hearing)
  | ({ type: 'reach' } & VoiceReach);

export function recordsIn(bytes: ArrayBuffer | ArrayBufferView): Uint8Array[];
export function parseEvent(bytes: ArrayBuffer | ArrayBufferView): EventRecord | null;
export function parsePoses(
  bytes: ArrayBuffer | ArrayBufferView): ({ participant: number } & Pose)[];
export function writePose(pose: Pose, sequence: number): ArrayBuffer;
export function writePublished(published: ReadonlySet<SourceKind>): ArrayBuffer;
export function writeAct(act: string, number: number,
  values?: { participant?: number; place?: number; value?: number }): ArrayBuffer;
export function isSpoken(codec: { mimeType: string; sdpFmtpLine?: string }): boolean;
export function retryDelay(attempt: number, random: number): number;
export function signallingUrl(url: string | URL): string;

export {};
