/**
 * People in words: the list that stands for the floor plan, the line that says where one is, and
 * the news for screen readers. Draws nothing.
 */

import { distance, zoneAt } from './geometry.js';
import { avatarColour, initials } from './floor.js';
import { onLanguage, t } from './i18n.js';
import { announce } from './notices.js';

const refreshMs = 400;
/** More names than these are only counted to screen readers. */
const mostNames = 4;
const byId = (id) => document.getElementById(id);

export class People {
  #office;
  #walkTo;
  #openMenu;
  #near = new Set();
  #hearers = 0;
  #items = new Map();
  #room;
  #timer;
  #stopLanguage;

  /** `walkTo(id)` is called when somebody is chosen from the list, `openMenu(id)` for more. */
  constructor(office, { walkTo, openMenu }) {
    this.#office = office;
    this.#walkTo = walkTo;
    this.#openMenu = openMenu;
    this.#room = this.#zone();
    this.#timer = setInterval(() => this.refresh(), refreshMs);
    this.#stopLanguage = onLanguage(() => this.refresh());
    this.refresh();
  }

  close() {
    clearInterval(this.#timer);
    this.#stopLanguage();
    byId('people-list').replaceChildren();
  }

  refresh() {
    if (!this.#office.self) return;
    this.#noticeNear();
    this.#noticeRoom();
    this.#writeWhere();
    this.#writeList();
  }

  #zone() {
    const { plan, self } = this.#office;
    return plan.zones[zoneAt(plan, self)];
  }

  #noticeNear() {
    const { people, hearers } = this.#office;
    const [come, gone] = [[], []];
    for (const id of this.#near) if (!people.has(id)) this.#near.delete(id);
    for (const person of people.values()) {
      const was = this.#near.has(person.participant);
      const is = isNear(person);
      if (is && !was) come.push(person.name);
      if (was && !is) gone.push(person.name);
      if (is) this.#near.add(person.participant);
      else this.#near.delete(person.participant);
    }
    if (come.length > 0) announce(sentence('say.near', come));
    if (gone.length > 0) announce(sentence('say.gone', gone));
    // As by a whisper, or where it is quiet.
    const isAlone = hearers === 0;
    if (come.length + gone.length === 0 && isAlone !== (this.#hearers === 0)) {
      announce(this.#hearersText());
    }
    this.#hearers = hearers;
  }

  #hearersText() {
    const count = this.#office.hearers;
    const key = count === 0 ? 'where.alone' : count === 1 ? 'where.one' : 'where.many';
    return t(key, { count });
  }

  #noticeRoom() {
    const room = this.#zone();
    if (room === this.#room) return;
    this.#room = room;
    announce(room ? t('say.room', { room: room.name }) : t('say.open'));
  }

  #writeWhere() {
    const place = this.#room?.name ?? t('where.open');
    const text = `${place} · ${this.#hearersText()}`;
    if (byId('where').textContent !== text) byId('where').textContent = text;
  }

  #writeList() {
    const { self, people } = this.#office;
    byId('people-count').textContent = people.size;
    byId('people-empty').hidden = people.size > 0;
    if (byId('people').hidden) return;
    for (const [id, item] of this.#items) {
      if (!people.has(id)) {
        item.element.remove();
        this.#items.delete(id);
      }
    }
    const ordered = [...people.values()].sort((a, b) => distance(self, a) - distance(self, b));
    const list = byId('people-list');
    ordered.forEach((person, place) => {
      const item = this.#items.get(person.participant) ?? this.#makeItem(person);
      this.#writeItem(item, person);
      // Moving an element drops the focus in it, so only those out of place are moved.
      const there = list.children[place];
      if (there !== item.element) list.insertBefore(item.element, there);
    });
  }

  #makeItem(person) {
    const element = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.addEventListener('click', () => this.#walkTo(person.participant));
    const badge = document.createElement('span');
    badge.className = 'badge';
    badge.setAttribute('aria-hidden', 'true');
    badge.textContent = initials(person.name);
    badge.style.setProperty('--colour', avatarColour(person.participant));
    const name = document.createElement('bdi');
    name.textContent = person.name;
    const about = document.createElement('small');
    const words = document.createElement('span');
    words.append(name, about);
    button.append(badge, words);
    const more = document.createElement('button');
    more.type = 'button';
    more.className = 'more';
    more.innerHTML = '<svg class="icon" aria-hidden="true"><use href="#i-more"/></svg>';
    more.addEventListener('click', () => this.#openMenu(person.participant));
    element.append(button, more);
    const item = { element, button, more, about };
    this.#items.set(person.participant, item);
    return item;
  }

  #writeItem({ element, button, more, about }, person) {
    const near = isNear(person);
    const metres = Math.max(1, Math.round(distance(this.#office.self, person)));
    const parts = [near ? t(hearingKey(person)) : t('people.far', { metres })];
    for (const kind of ['mic', 'camera', 'screen']) {
      if (person.published.has(kind)) parts.push(t(`people.${kind}`));
    }
    element.classList.toggle('near', near);
    const text = parts.join(' · ');
    if (about.textContent !== text) about.textContent = text;
    button.title = t('people.walk', { name: person.name });
    more.title = t('people.more', { name: person.name });
    more.setAttribute('aria-label', more.title);
  }
}

/** In earshot, one way or the other. */
function isNear({ isHeard, hearsMe }) {
  return isHeard || hearsMe;
}

function hearingKey({ isHeard, hearsMe }) {
  if (isHeard && hearsMe) return 'people.near';
  return isHeard ? 'people.isHeard' : 'people.hearsMe';
}

function sentence(key, names) {
  if (names.length > mostNames) return t(`${key}Count`, { count: names.length });
  const many = names.length > 1;
  const last = names.at(-1);
  const text = many ? names.slice(0, -1).join(', ') + t('say.and') + last : last;
  return t(many ? `${key}Many` : key, { names: text });
}
