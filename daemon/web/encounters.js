/**
 * What others want of one, and what one wants of them: requests to answer, news in passing, and the
 * menu of a person.
 */

import { zoneAt } from './geometry.js';
import { outcomeText, t, write } from './i18n.js';
import { announce, placeNotices, toast } from './notices.js';

/** How long the server waits for an answer (PROTOCOL.md 2.2). */
const requestMs = 60_000;
const knockMs = 120_000;
/** How long a guest may stay, in minutes. */
const stays = [15, 30, 60];
/** News that nothing else on the page shows. */
const toasts = new Set(['admitted', 'denied', 'stayended', 'entryrefused', 'whisper', 'followed',
  'megaphoneon', 'podiumgiven']);
const byId = (id) => document.getElementById(id);

export class Encounters {
  #office;
  #walkTo;
  #admitted;
  #requests = new Map();
  #listeners = new AbortController();

  /** `walkTo(participant)` walks; `admitted(participant, zone, name)` is told of new guests. */
  constructor(office, { walkTo, admitted }) {
    this.#office = office;
    this.#walkTo = walkTo;
    this.#admitted = admitted;
    const { signal } = this.#listeners;
    office.addEventListener('news', ({ detail }) => this.#handleNews(detail), { signal });
    byId('person-menu').addEventListener('close', () => byId('floor').focus(), { signal });
    for (const id of Object.keys(this.#switches)) {
      byId(id).addEventListener('click', () => this.#toggle(id), { signal });
    }
    office.addEventListener('news', () => this.#showSwitches(), { signal });
    office.addEventListener('statechanged', () => this.#showSwitches(), { signal });
    byId('megaphone').hidden = !office.may.includes('megaphone');
  }

  close() {
    this.#listeners.abort();
    for (const key of [...this.#requests.keys()]) this.#drop(key);
    byId('person-menu').close();
    for (const id of Object.keys(this.#switches)) byId(id).setAttribute('aria-pressed', 'false');
  }

  // News ------------------------------------------------------------------------------------------

  #handleNews({ event, participant, zone, name }) {
    const { acts, may, plan, self } = this.#office;
    const room = plan.zones[zone]?.name ?? '';
    const values = { name, room };
    const ask = (key, actions, patience) =>
      this.#request(key, () => t(`request.${key.split('-')[0]}`, values), actions, patience);
    const decline = { id: 'decline', label: () => t('request.decline') };
    const tell = (key = `news.${event}`) => toast(t(key, values), 'news');
    const handlers = {
      knock: () => ask(`knock-${participant}-${zone}`, [
        ...stays.map((minutes) => ({ id: `admit-${minutes}`,
          label: () => t('request.admit', { minutes }),
          act: () => this.#admit(participant, zone, name, minutes) })),
        { id: 'deny', label: () => t('request.deny'), act: () => acts.deny(participant, zone) },
      ], knockMs),
      knockended: () => this.#drop(`knock-${participant}-${zone}`),
      invited: () => ask(`invite-${participant}`, [
        { id: 'accept', label: () => t('request.accept'),
          act: () => acts.acceptInvite(participant) }, decline]),
      called: () => ask(`call-${participant}`, [
        { id: 'accept', label: () => t('request.go'), act: () => acts.acceptCall(participant) },
        decline]),
      podiumasked: () => may.includes('moderate') && ask(`podium-${participant}`, [
        { id: 'give', label: () => t('request.give'),
          act: () => acts.givePodium(participant, zone) },
        { id: 'decline', label: () => t('request.later') }]),
      podiumunasked: () => this.#drop(`podium-${participant}`),
      podiumtaken: () => participant === self.participant && tell('news.podiumended'),
      // These everybody sees in the card about where one stands.
      bubblejoined: () => announce(t('news.bubblejoined', values)),
      bubbleleft: () => announce(t('news.bubbleleft', values)),
    };
    if (toasts.has(event)) tell();
    else handlers[event]?.();
  }

  async #admit(participant, zone, name, minutes) {
    const outcome = await this.#office.acts.admit(participant, zone, minutes);
    if (outcome === 'done') this.#admitted(participant, zone, name);
    return outcome;
  }

  /** A card that waits for an answer, for a while. */
  #request(key, text, actions, patience = requestMs) {
    this.#drop(key);
    const card = document.createElement('div');
    card.className = 'request';
    card.dataset.request = key.split('-')[0];
    const words = document.createElement('p');
    write(words, text);
    const buttons = document.createElement('div');
    buttons.className = 'request-actions';
    buttons.append(...actions.map(({ id, label, act }) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset.act = id;
      write(button, label);
      button.addEventListener('click', () => {
        this.#drop(key);
        if (act) this.#run(act);
      });
      return button;
    }));
    card.append(words, buttons);
    byId('requests').append(card);
    placeNotices();
    const timer = setTimeout(() => this.#drop(key), patience);
    this.#requests.set(key, { card, timer });
    announce(text());
  }

  #drop(key) {
    const request = this.#requests.get(key);
    if (!request) return;
    clearTimeout(request.timer);
    request.card.remove();
    this.#requests.delete(key);
  }

  async #run(act) {
    const outcome = await act();
    if (outcome !== 'done') toast(outcomeText(outcome));
  }

  // One's own switches ----------------------------------------------------------------------------

  #switches = {
    disturb: {
      isOn: () => !this.#office.acts.disturbable,
      set: (on) => this.#office.acts.setDoNotDisturb(on),
      news: ['say.undisturbed', 'say.disturbable'],
    },
    megaphone: {
      isOn: () => this.#office.acts.megaphones.has(this.#office.self.participant),
      set: (on) => this.#office.acts.setMegaphone(on),
      news: ['say.megaphoneOn', 'say.megaphoneOff'],
    },
  };
  /** What was asked for last of those whose outcome is still to come. */
  #asked = new Map();

  /** Pressed again before the outcome, it is the other way round. */
  async #toggle(id) {
    const { isOn, set, news } = this.#switches[id];
    const asked = { on: !(this.#asked.get(id)?.on ?? isOn()) };
    this.#asked.set(id, asked);
    await this.#run(() => set(asked.on));
    if (this.#asked.get(id) === asked) this.#asked.delete(id);
    this.#showSwitches();
    announce(t(news[isOn() ? 0 : 1]));
  }

  /** As it is, whoever changed it: the server, or a new connection that knows of nothing. */
  #showSwitches() {
    for (const [id, { isOn }] of Object.entries(this.#switches)) {
      byId(id).setAttribute('aria-pressed', String(isOn()));
    }
  }

  // The menu of a person --------------------------------------------------------------------------

  /** Opens it, with what can be done with that person at the moment. */
  openMenu(participant) {
    const person = this.#office.people.get(participant);
    if (!person) return;
    byId('person-menu-name').textContent = person.name;
    byId('person-menu-actions').replaceChildren(
      ...this.#actionsFor(person).map(({ id, act }) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.dataset.act = id;
        button.textContent = t(`menu.${id}`);
        button.addEventListener('click', () => {
          byId('person-menu').close();
          if (act) this.#run(act);
        });
        return button;
      }));
    byId('person-menu').showModal();
  }

  #actionsFor(person) {
    const { acts, may, plan } = this.#office;
    const { participant } = person;
    const walk = () => {
      this.#walkTo(participant);
      return 'done';
    };
    const place = plan.zones[zoneAt(plan, person)];
    const stage = plan.zones.findIndex((zone) => zone.podium === 'moderated' &&
      (zone === place || (place && zone.audience === place.name)));
    const speaks = acts.podiums.get(participant);
    const all = [
      { id: 'walk', act: walk },
      { id: 'whisper', act: () => acts.whisper(participant), if: acts.whisperTo !== participant },
      { id: 'invite', act: () => acts.invite(participant), if: !acts.bubble.has(participant) },
      { id: 'follow', act: () => acts.follow(participant), if: acts.following !== participant },
      { id: 'call', act: () => acts.call(participant) },
      { id: 'beam', act: () => acts.beam(participant), if: may.includes('beam') },
      { id: 'give', act: () => acts.givePodium(participant, stage),
        if: may.includes('moderate') && stage >= 0 && speaks === undefined },
      { id: 'take', act: () => acts.takePodium(participant, speaks),
        if: may.includes('moderate') && speaks !== undefined },
    ];
    return all.filter((action) => action.if !== false);
  }
}
