/** One's own knocks at doors: which of them wait for an answer, and what came of them. */

import { t } from './i18n.js';
import { toast } from './notices.js';

/** After that time the server has forgotten a knock (PROTOCOL.md 2.2). */
const patienceMs = 120_000;

export class Knocks {
  #office;
  #changed;
  /** Zone → the knock that waits there. */
  #waiting = new Map();
  #listeners = new AbortController();

  /** `changed()` is called when a knock has been answered or given up. */
  constructor(office, changed) {
    this.#office = office;
    this.#changed = changed;
    const { signal } = this.#listeners;
    office.addEventListener('news', ({ detail: { event, zone } }) => {
      if (event === 'admitted' || event === 'denied') this.#end(zone);
    }, { signal });
    office.addEventListener('planchanged', () => this.#keepWhatStays(), { signal });
    office.addEventListener('statechanged', ({ detail }) => {
      if (detail.state === 'reconnecting') this.#endAll();
    }, { signal });
  }

  close() {
    this.#listeners.abort();
    this.#endAll();
  }

  waitsAt(zone) {
    return this.#waiting.has(zone);
  }

  async knock(zone) {
    const outcome = await this.#office.acts.knock(zone);
    if (outcome === 'done') this.#wait(zone);
    return outcome;
  }

  async takeBack(zone) {
    const outcome = await this.#office.acts.stopKnocking(zone);
    // It may have ended in the meantime.
    if (outcome !== 'done' && outcome !== 'nothing-to-do') return outcome;
    this.#end(zone);
    return 'done';
  }

  /** What waits, as lines of the card about where one stands. */
  lines() {
    return [...this.#waiting].map(([zone, { room }]) => ({
      text: t('here.knocked', { room }),
      actions: [{ id: 'knock-cancel', label: t('here.unknock'), act: () => this.takeBack(zone) }],
    }));
  }

  #wait(zone) {
    const { plan, self } = this.#office;
    const room = plan.zones[zone]?.name ?? '';
    const knock = { zone, room, participant: self.participant };
    knock.timer = setTimeout(() => {
      toast(t('news.unanswered', { room }), 'news');
      this.#end(knock.zone);
    }, patienceMs);
    this.#waiting.set(zone, knock);
  }

  #end(zone) {
    clearTimeout(this.#waiting.get(zone)?.timer);
    if (this.#waiting.delete(zone)) this.#changed();
  }

  #endAll() {
    for (const zone of [...this.#waiting.keys()]) this.#end(zone);
  }

  /** Another plan may have the same room at another place; behind a portal nobody knows of it. */
  #keepWhatStays() {
    const { plan, self } = this.#office;
    const knocks = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const knock of knocks) {
      knock.zone = plan.zones.findIndex(({ name }) => name === knock.room);
      const stays = knock.zone >= 0 && knock.participant === self.participant;
      if (stays) this.#waiting.set(knock.zone, knock);
      else clearTimeout(knock.timer);
    }
  }
}
