// What a portal does with earshot.js; compiled against its types and never run.

import {
  connect, EarshotError, type Office, type Person, type Slot, SpatialAudio, UnreachableError,
} from '../../../daemon/web/earshot.js';

export async function enter(signal: AbortSignal): Promise<Office | null> {
  try {
    const office = await connect({
      url: 'https://office.example/',
      token: async () => (await fetch('/token')).text(),
      publish: ['mic', 'camera'],
      slots: { audio: 12 },
      signal,
    });
    follow(office);
    return office;
  } catch (error) {
    if (error instanceof UnreachableError) return null;
    if (error instanceof EarshotError && error.code === 'limit-reached') return null;
    throw error;
  }
}

function follow(office: Office): void {
  const audio = new SpatialAudio(office, { echo: 'loopback' });
  const names = new Map<number, string>();
  office.addEventListener('personentered', ({ detail }) => {
    const person: Person = detail.person;
    names.set(person.participant, person.name);
  });
  office.addEventListener('slotchanged', ({ detail: { slot, previous } }) => {
    const taken: Slot = slot;
    if (taken.source?.kind === 'camera' && previous === null) show(taken.track);
  });
  office.addEventListener('hearingchanged', ({ detail: { person } }) => {
    if (person.hearsMe && !person.isHeard) console.log(office.hearers - 1);
  });
  office.addEventListener('reachchanged', ({ detail: { reach } }) => {
    for (const { zones, radius, outline } of reach.parts) {
      console.log(zones.length, radius?.toFixed(1) ?? 'all', outline?.map(([x, y]) => x + y));
    }
  });
  office.addEventListener('statechanged', ({ detail }) => {
    if (detail.state === 'reconnecting') console.log(detail.retryInMs?.toFixed());
  }, { once: true });
  office.addEventListener('closed', ({ detail }) => {
    if (detail.code !== 'left') audio.close();
  });
  // @ts-expect-error: there is no such event.
  office.addEventListener('personjumped', () => {});
  // @ts-expect-error: only connect() makes an office.
  void (() => new Office());
  office.move({ x: 1, y: 2 });
}

function show(track: MediaStreamTrack): void {
  const video = document.createElement('video');
  video.srcObject = new MediaStream([track]);
}

export async function publish(office: Office): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  await office.setMicrophone(stream.getAudioTracks()[0]);
  await office.setCamera(null);
  for (const { code, message, mid } of office.notices) console.warn(code, message, mid?.length);
  // @ts-expect-error: a stream is no track.
  await office.setCamera(stream);
  const report: RTCStatsReport = await office.getStats();
  report.forEach(() => {});
  office.leave();
}
