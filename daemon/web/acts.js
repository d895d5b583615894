/**
 * What one does with doors and with others besides walking and talking, and what the server says of
 * it. Belongs to an Office, as `office.acts`. Every act resolves to its outcome: 'done',
 * 'nothing-to-do', 'not-allowed', 'too-far', 'full', 'disturbs', 'too-often', or 'lost' when the
 * connection ended first. People are given by participant, zones, stages and doors by their place
 * in the plan.
 */

import { doorStates } from './records.js';

export class Acts {
  /** Participant → the stage whose podium it has. */
  podiums = new Map();
  /** Participants who speak to everybody. */
  megaphones = new Set();
  /** Zone → until when one may enter it, in milliseconds since 1970. */
  stays = new Map();
  /** Whom one whispers to, whom one follows, and who is in one's bubble. */
  whisperTo = 0;
  following = 0;
  bubble = new Map();
  disturbable = true;

  #send;
  #number = 0;
  #waiting = new Map();

  /** `send(act, number, values)` puts an act on the way. */
  constructor(send) {
    this.#send = send;
  }

  setDoor(door, state) {
    return this.#ask('setDoor', { place: door, value: doorStates.indexOf(state) });
  }

  knock(zone) {
    return this.#ask('knock', { place: zone });
  }

  stopKnocking(zone) {
    return this.#ask('stopKnocking', { place: zone });
  }

  admit(participant, zone, minutes) {
    return this.#ask('admit', { participant, place: zone, value: minutes });
  }

  deny(participant, zone) {
    return this.#ask('deny', { participant, place: zone });
  }

  revoke(participant, zone) {
    return this.#ask('revoke', { participant, place: zone });
  }

  askForPodium(stage, on = true) {
    return this.#ask('askForPodium', { place: stage, value: Number(on) });
  }

  givePodium(participant, stage) {
    return this.#ask('givePodium', { participant, place: stage });
  }

  takePodium(participant, stage) {
    return this.#ask('takePodium', { participant, place: stage });
  }

  invite(participant) {
    return this.#ask('invite', { participant });
  }

  acceptInvite(participant) {
    return this.#ask('acceptInvite', { participant });
  }

  leaveBubble() {
    return this.#ask('leaveBubble');
  }

  /** Without a participant, the whisper ends. */
  whisper(participant = 0) {
    return this.#ask('whisper', { participant }, () => {
      this.whisperTo = participant;
    });
  }

  setMegaphone(on) {
    return this.#ask('megaphone', { value: Number(on) });
  }

  setDoNotDisturb(on) {
    return this.#ask('doNotDisturb', { value: Number(on) }, () => {
      this.disturbable = !on;
    });
  }

  /** Without a participant, one stays. */
  follow(participant = 0) {
    return this.#ask('follow', { participant }, () => {
      this.following = participant;
    });
  }

  call(participant) {
    return this.#ask('call', { participant });
  }

  acceptCall(participant) {
    return this.#ask('acceptCall', { participant });
  }

  beam(participant) {
    return this.#ask('beam', { participant });
  }

  /** Of the office: what the server answered. */
  handleOutcome({ number, outcome }) {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    // At once, as what ends it again may stand in the same message.
    if (outcome === 'done') waiting?.apply();
    waiting?.resolve(outcome);
  }

  /** Of the office: keeps what an event changes; `self` is one's own participant. */
  handleEvent({ event, participant, zone, millisecondsLeft, name }, self) {
    this.#eventHandlers[event]?.({ participant, zone, millisecondsLeft, name, self });
  }

  #eventHandlers = {
    admitted: ({ zone, millisecondsLeft }) => this.stays.set(zone, Date.now() + millisecondsLeft),
    stayended: ({ zone }) => this.stays.delete(zone),
    podiumgiven: ({ participant, zone }) => this.podiums.set(participant, zone),
    podiumtaken: ({ participant }) => this.podiums.delete(participant),
    megaphoneon: ({ participant }) => this.megaphones.add(participant),
    megaphoneoff: ({ participant }) => this.megaphones.delete(participant),
    bubblejoined: ({ participant, name }) => this.bubble.set(participant, name),
    bubbleleft: ({ participant, self }) => {
      if (participant === self) this.bubble.clear();
      else this.bubble.delete(participant);
    },
    ownwhisperended: ({ participant }) => {
      if (participant === this.whisperTo) this.whisperTo = 0;
    },
    followended: ({ participant }) => {
      if (participant === this.following) this.following = 0;
    },
  };

  /** Of the office: everything that the server tells anew is forgotten. */
  startOver() {
    for (const kept of [this.podiums, this.megaphones, this.stays]) kept.clear();
  }

  /** Of the office: another connection, which knows of no agreement. */
  reconnect() {
    this.startOver();
    this.bubble.clear();
    this.whisperTo = this.following = 0;
    this.disturbable = true;
    for (const { resolve } of this.#waiting.values()) resolve('lost');
    this.#waiting.clear();
  }

  /** `apply` is called when the server has done it. */
  #ask(act, values = {}, apply = () => {}) {
    const number = this.#number;
    this.#number = (number + 1) % 256;
    // As many as there are numbers may be under way; the oldest is given up.
    this.#waiting.get(number)?.resolve('lost');
    return new Promise((resolve) => {
      this.#waiting.set(number, { resolve, apply });
      this.#send(act, number, values);
    });
  }
}
