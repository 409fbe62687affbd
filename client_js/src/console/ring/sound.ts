/** The ring's tone: two soft notes, made here so that nothing has to be loaded. */

export const REPEAT = 8000;

let context: AudioContext | null = null;
const listeners = new Set<() => void>();

function audio(): AudioContext | null {
  if (typeof AudioContext === "undefined") return null;
  if (context === null) {
    context = new AudioContext();
    context.addEventListener("statechange", () => {
      for (const listener of listeners) listener();
    });
  }
  return context;
}

/** Browsers keep a page silent until it was clicked once; call this on a click. */
export async function unlock(): Promise<void> {
  const own = audio();
  if (own?.state === "suspended") await own.resume().catch(() => undefined);
}

export const blocked = (): boolean => context !== null && context.state !== "running";

export function onBlocked(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Plays the two notes once, at 0 to 1 of the volume. */
export async function chime(volume: number): Promise<void> {
  await unlock();
  const own = audio();
  if (own?.state !== "running") return;
  const start = own.currentTime + 0.02;
  note(own, 659.25, start, volume);
  note(own, 880, start + 0.17, volume);
}

/** A sine with a quiet octave above, swelling in 12 ms and dying within half a second. */
function note(own: AudioContext, pitch: number, at: number, volume: number): void {
  const gain = own.createGain();
  gain.gain.setValueAtTime(0.0001, at);
  gain.gain.exponentialRampToValueAtTime(Math.max(0.0002, volume * 0.22), at + 0.012);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
  gain.connect(own.destination);
  for (const [factor, part] of [
    [1, 1],
    [2, 0.18],
  ] as const) {
    const tone = own.createOscillator();
    const share = own.createGain();
    tone.type = "sine";
    tone.frequency.value = pitch * factor;
    share.gain.value = part;
    tone.connect(share).connect(gain);
    tone.start(at);
    tone.stop(at + 0.55);
  }
}
