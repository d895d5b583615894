/** Microphone, camera and screen: opening them, choosing them, and saying why it failed. */

import { onLanguage, t } from './i18n.js';
import { get, set } from './settings.js';

/** `reason` is "denied", "missing" or "busy"; i18n has a sentence for each device and reason. */
export class DeviceError extends Error {
  constructor(device, cause) {
    super(`${device}: ${cause?.name}`, { cause });
    this.device = device;
    this.reason = reasons[cause?.name] ?? 'busy';
  }

  get text() {
    return t(`device.${this.device}.${this.reason}`);
  }
}

const reasons = {
  NotAllowedError: 'denied', SecurityError: 'denied',
  NotFoundError: 'missing', OverconstrainedError: 'missing', TypeError: 'missing',
};

export function openMicrophone() {
  const deviceId = get('micDevice');
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true,
    ...(deviceId && { deviceId }) };
  return open('mic', () => navigator.mediaDevices.getUserMedia({ audio }));
}

export function openCamera() {
  const deviceId = get('cameraDevice');
  const size = get('saveData')
    ? { width: { ideal: 320 }, height: { ideal: 180 }, frameRate: { ideal: 10, max: 10 } }
    : { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 25, max: 30 } };
  const video = { ...size, ...(deviceId && { deviceId }) };
  return open('camera', () => navigator.mediaDevices.getUserMedia({ video }));
}

/** The picture, and behind it the sound if there is one and `withSound` asked for it. */
export async function openScreen(withSound) {
  const video = { frameRate: { ideal: 10, max: 15 } };
  const tracks = await open(
    'screen', () => navigator.mediaDevices.getDisplayMedia({ video, audio: withSound }));
  tracks[0].contentHint = 'detail';
  return tracks;
}

/** Resolves to the tracks, pictures first. */
async function open(device, request) {
  try {
    const stream = await request();
    return [...stream.getVideoTracks(), ...stream.getAudioTracks()];
  } catch (error) {
    throw new DeviceError(device, error);
  }
}

const lists = [
  { select: 'device-mic', kind: 'audioinput', setting: 'micDevice' },
  { select: 'device-camera', kind: 'videoinput', setting: 'cameraDevice' },
  { select: 'device-speaker', kind: 'audiooutput', setting: 'speakerDevice' },
];
const byId = (id) => document.getElementById(id);

/** Wires the dialog; `onChoice(setting)` is called after a device was chosen. */
export function setUpSettings(onChoice) {
  for (const { select, setting } of lists) {
    byId(select).addEventListener('change', ({ target }) => {
      set(setting, target.value);
      onChoice(setting);
    });
  }
  for (const [id, setting] of [
    ['save-data', 'saveData'], ['loopback', 'loopback'], ['shortcuts', 'shortcuts']]) {
    byId(id).checked = get(setting);
    byId(id).addEventListener('change', ({ target }) => {
      set(setting, target.checked);
      onChoice(setting);
    });
  }
  navigator.mediaDevices?.addEventListener('devicechange', fillLists);
  onLanguage(fillLists);
}

export async function openSettings() {
  byId('device-speaker-row').hidden = !('setSinkId' in AudioContext.prototype);
  await fillLists();
  byId('settings').showModal();
}

async function fillLists() {
  const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
  for (const { select, kind, setting } of lists) {
    const found = devices.filter((device) => device.kind === kind && device.deviceId !== '' &&
      device.deviceId !== 'default');
    const options = found.map(({ deviceId, label }, place) =>
      new Option(label || t('settings.unnamed', { number: place + 1 }), deviceId));
    byId(select).replaceChildren(new Option(t('settings.default'), ''), ...options);
    const chosen = found.some(({ deviceId }) => deviceId === get(setting));
    byId(select).value = chosen ? get(setting) : '';
  }
}
