/**
 * What one can do where one stands: the door within reach, the office to knock at, the stage to
 * speak on, and what is under way with others. One card, written anew only when it says something
 * else, so that the focus stays.
 */

import { distanceToLine, zoneAt, zonesOfDoor } from './geometry.js';
import { onLanguage, outcomeText, t } from './i18n.js';
import { Knocks } from './knocks.js';
import { placeNotices, toast } from './notices.js';

const armsReach = 2;
const refreshMs = 500;
const byId = (id) => document.getElementById(id);

export class Surroundings {
  #office;
  #knocks;
  #guests = new Map();
  #asked = new Set();
  #said = '';
  #timer;
  #stopLanguage;

  constructor(office) {
    this.#office = office;
    this.#knocks = new Knocks(office, () => this.refresh());
    this.#timer = setInterval(() => this.refresh(), refreshMs);
    this.#stopLanguage = onLanguage(() => this.refresh());
    this.refresh();
  }

  /** Somebody has been let in, and may be asked to leave. */
  addGuest(participant, zone, name) {
    this.#guests.set(participant, { zone, name });
    this.refresh();
  }

  close() {
    clearInterval(this.#timer);
    this.#stopLanguage();
    this.#knocks.close();
    byId('here').hidden = true;
  }

  refresh() {
    if (this.#office.state === 'closed') return;
    const lines = [...this.#doorLines(), ...this.#knocks.lines(), ...this.#stageLines(),
      ...this.#guestLines(), ...this.#companyLines()];
    const said = JSON.stringify(lines.map(({ text, actions }) =>
      [text, actions.map(({ label }) => label)]));
    if (said === this.#said) return;
    this.#said = said;
    byId('here').hidden = lines.length === 0;
    byId('here').replaceChildren(...lines.map((line) => this.#makeLine(line)));
    placeNotices();
  }

  #makeLine({ text, actions }) {
    const line = document.createElement('div');
    line.className = 'here-line';
    const words = document.createElement('span');
    words.textContent = text;
    line.append(words, ...actions.map(({ id, label, act }) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset.act = id;
      button.textContent = label;
      button.addEventListener('click', () => this.#run(id, act));
      return button;
    }));
    return line;
  }

  async #run(id, act) {
    const outcome = await act();
    if (outcome !== 'done') toast(outcomeText(outcome, id));
    this.refresh();
  }

  // Doors and private rooms -----------------------------------------------------------------------

  #doorLines() {
    const { plan, self } = this.#office;
    const near = plan.doors
      .map(({ line }, door) => ({ door, away: distanceToLine(self, line) }))
      .filter(({ away }) => away <= armsReach)
      .sort((a, b) => a.away - b.away)[0];
    if (!near) return [];
    const { door } = near;
    const { name, state } = plan.doors[door];
    return [{
      text: t('here.door', { name, state: t(`door.${state}`) }),
      actions: [...this.#doorActions(door, state), ...this.#knockActions(door, state)],
    }];
  }

  #doorActions(door, state) {
    const { acts, may, owns, plan, self } = this.#office;
    const set = (next) => ({
      id: `door-${next}`, label: t(`door.to.${next}`), act: () => acts.setDoor(door, next) });
    const here = zoneAt(plan, self);
    const inside = zonesOfDoor(plan, door).includes(here);
    const keeps = inside && (may.includes('moderate') || owns.includes(here));
    if (state === 'locked') return keeps ? [set('shut')] : [];
    return [set(state === 'open' ? 'shut' : 'open'), ...(keeps ? [set('locked')] : [])];
  }

  #knockActions(door, state) {
    const { acts, owns, plan, self } = this.#office;
    const here = zoneAt(plan, self);
    return zonesOfDoor(plan, door)
      .filter((zone) => zone !== here && !owns.includes(zone) && !acts.stays.has(zone))
      .filter((zone) => plan.zones[zone].kind === 'private' || state === 'locked')
      .filter((zone) => !this.#knocks.waitsAt(zone))
      .map((zone) => ({
        id: 'knock', label: t('here.knock'), act: () => this.#knocks.knock(zone) }));
  }

  // Stages ----------------------------------------------------------------------------------------

  #stageLines() {
    const { acts, may, plan, self } = this.#office;
    const here = plan.zones[zoneAt(plan, self)];
    if (!here) return [];
    const stage = plan.zones.findIndex((zone) => zone.kind === 'stage' &&
      zone.podium === 'moderated' && (zone === here || zone.audience === here.name));
    if (stage < 0) return [];
    const { name } = plan.zones[stage];
    if (acts.podiums.get(self.participant) === stage) {
      this.#asked.delete(stage);
      return [{
        text: t('here.podium', { name }),
        actions: [{ id: 'podium-leave', label: t('here.podiumLeave'),
          act: () => acts.takePodium(self.participant, stage) }],
      }];
    }
    if (may.includes('moderate')) {
      return [{
        text: t('here.stage', { name }),
        actions: [{ id: 'podium-take', label: t('here.takeFloor'),
          act: () => acts.givePodium(self.participant, stage) }],
      }];
    }
    const asked = this.#asked.has(stage);
    return [{
      text: t(asked ? 'here.asked' : 'here.stage', { name }),
      actions: [{ id: asked ? 'podium-unask' : 'podium-ask',
        label: t(asked ? 'here.unask' : 'here.ask'), act: () => this.#ask(stage, !asked) }],
    }];
  }

  async #ask(stage, on) {
    const outcome = await this.#office.acts.askForPodium(stage, on);
    if (on && outcome === 'done') this.#asked.add(stage);
    else this.#asked.delete(stage);
    return outcome;
  }

  // Guests and company ----------------------------------------------------------------------------

  #guestLines() {
    const { acts, plan } = this.#office;
    const mine = [...this.#guests].map(([participant, { zone, name }]) => ({
      text: t('here.guest', { name }),
      actions: [{ id: 'revoke', label: t('here.revoke'), act: () => {
        this.#guests.delete(participant);
        return acts.revoke(participant, zone);
      } }],
    }));
    const until = (time) => new Date(time).toLocaleTimeString(document.documentElement.lang,
      { hour: '2-digit', minute: '2-digit' });
    const stays = [...acts.stays].map(([zone, time]) => ({
      text: t('here.stay', { name: plan.zones[zone]?.name ?? '', time: until(time) }), actions: [],
    }));
    return [...mine, ...stays];
  }

  #companyLines() {
    const { acts, people } = this.#office;
    const nameOf = (participant) => people.get(participant)?.name ?? '';
    const lines = [];
    const add = (id, text, label, act) => lines.push({ text, actions: [{ id, label, act }] });
    if (acts.bubble.size > 0) {
      const names = [...acts.bubble.values()].join(', ');
      add('bubble-leave', t('here.bubble', { names }), t('here.bubbleLeave'),
        () => acts.leaveBubble());
    }
    if (acts.whisperTo) {
      add('whisper-end', t('here.whisper', { name: nameOf(acts.whisperTo) }), t('here.end'),
        () => acts.whisper());
    }
    if (acts.following) {
      add('follow-end', t('here.follow', { name: nameOf(acts.following) }), t('here.end'),
        () => acts.follow());
    }
    return lines;
  }
}
