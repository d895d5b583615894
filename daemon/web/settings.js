/** What the page remembers in this browser. Works without storage too, just forgetfully. */

const prefix = 'earshot.';
const defaults = {
  name: '', role: 'citizen', language: '', mic: true, camera: false, micDevice: '',
  cameraDevice: '', speakerDevice: '', saveData: false, loopback: false, shortcuts: true,
};
const values = { ...defaults, ...load() };

export function get(key) {
  return values[key];
}

export function set(key, value) {
  values[key] = value;
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value));
  } catch {
    // A private window may refuse; the value then lives as long as the page.
  }
}

function load() {
  const found = {};
  for (const [key, initial] of Object.entries(defaults)) {
    try {
      const value = JSON.parse(localStorage.getItem(prefix + key));
      if (typeof value === typeof initial) found[key] = value;
    } catch {
      // Foreign or broken values are as good as none.
    }
  }
  return found;
}
