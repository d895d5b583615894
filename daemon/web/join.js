/** The way in: name and place, and the guest pass that demo mode gives out. */

import { EarshotError, UnreachableError } from './earshot.js';
import { t, write } from './i18n.js';
import { get, set } from './settings.js';

const byId = (id) => document.getElementById(id);

/** `enter({name, space, mic, camera})` is called on submit; it says failures by showError. */
export function setUpJoin(enter) {
  byId('join-name').value = get('name');
  byId('join-role').value = get('role');
  byId('join-mic').checked = get('mic');
  byId('join-camera').checked = get('camera');
  byId('join-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const choice = readForm();
    if (choice) enter(choice);
  });
  loadSpaces();
}

/** `text()` is the error, in the language of the moment. */
export function showError(text) {
  write(byId('join-error'), text);
}

export function showEntering(on) {
  byId('join-button').disabled = on;
  write(byId('join-button'), () => t(on ? 'join.entering' : 'join.enter'));
}

/** A fresh token each time; on reconnecting the last one may have expired. */
export async function fetchToken(name, space, role) {
  const response = await request('v1/demo/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, space, role }),
  });
  return (await response.json()).token;
}

function readForm() {
  const name = byId('join-name').value.trim();
  byId('join-name').setAttribute('aria-invalid', String(name === ''));
  showError(() => (name === '' ? t('join.nameMissing') : ''));
  if (name === '') {
    byId('join-name').focus();
    return null;
  }
  const choice = {
    name, space: byId('join-space').value, role: byId('join-role').value,
    mic: byId('join-mic').checked, camera: byId('join-camera').checked,
  };
  for (const key of ['name', 'role', 'mic', 'camera']) set(key, choice[key]);
  return choice;
}

export async function loadSpaces() {
  try {
    const { spaces } = await (await request('v1/demo')).json();
    byId('join-space').replaceChildren(...spaces.map((id) => new Option(spaceTitle(id), id)));
    byId('join-space-row').hidden = spaces.length < 2;
    return true;
  } catch {
    return false;
  }
}

/** "town-hall" → "Town hall". */
export function spaceTitle(id) {
  const words = id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

async function request(path, init) {
  let response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    throw new UnreachableError('signalling-unreachable', 'No answer.', { cause });
  }
  if (response.status === 400) throw new EarshotError('name-invalid');
  if (response.status === 404) throw new EarshotError('demo-off');
  if (response.status === 429) throw new EarshotError('limit-reached');
  if (!response.ok) throw new UnreachableError('signalling-unreachable', `HTTP ${response.status}`);
  return response;
}
