/** Two soft notes, made on the spot: no file to fetch, nothing for a page's policy to forbid. */

const NOTES = { message: [660, 880], claimed: [523, 784] } as const;

export type Sound = keyof typeof NOTES;

export class Sounds {
  #context: AudioContext | undefined;

  /** To be called in a press or key of the visitor: before one, browsers let nothing be heard. */
  unlock(): void {
    const activation = (navigator as { userActivation?: UserActivation }).userActivation;
    if (activation?.hasBeenActive === false) return;
    this.#context ??= newContext();
    if (this.#context?.state === "suspended") this.#context.resume().catch(() => undefined);
  }

  play(sound: Sound): void {
    const context = this.#context;
    if (context?.state !== "running") return;
    NOTES[sound].forEach((frequency, index) => {
      note(context, frequency, context.currentTime + index * 0.12);
    });
  }
}

function newContext(): AudioContext | undefined {
  try {
    return new AudioContext();
  } catch {
    return undefined;
  }
}

function note(context: AudioContext, frequency: number, start: number): void {
  const volume = context.createGain();
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.08, start + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
  const tone = context.createOscillator();
  tone.frequency.value = frequency;
  tone.connect(volume).connect(context.destination);
  tone.start(start);
  tone.stop(start + 0.4);
}
