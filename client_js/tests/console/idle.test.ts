import { beforeEach, describe, expect, it } from "vitest";

import { IdleWatch } from "../../src/console/live/idle";

/** A clock and a window that a test moves. */
function world() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const target = new EventTarget();
  const seams = {
    target: target as unknown as Window,
    now: () => now,
    setTimer: (run: () => void, after: number) => {
      const timer = { at: now + after, run };
      timers.push(timer);
      return timer;
    },
    clearTimer: (timer: unknown) => {
      timers = timers.filter((one) => one !== timer);
    },
  };
  const pass = (minutes: number) => {
    const end = now + minutes * 60_000;
    for (;;) {
      const next = timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      timers = timers.filter((one) => one !== next);
      now = next.at;
      next.run();
    }
    now = end;
  };
  return { seams, pass, touch: () => target.dispatchEvent(new Event("keydown")) };
}

describe("a tab", () => {
  let told: boolean[] = [];
  beforeEach(() => {
    told = [];
  });
  const tell = (idle: boolean) => told.push(idle);

  it("is idle after the minutes without input, and back with the next", () => {
    const { seams, pass, touch } = world();
    new IdleWatch(tell, seams).set(10);
    pass(9);
    expect(told).toEqual([]);
    pass(2);
    expect(told).toEqual([true]);
    touch();
    expect(told).toEqual([true, false]);
  });

  it("waits anew with each input", () => {
    const { seams, pass, touch } = world();
    new IdleWatch(tell, seams).set(10);
    for (let i = 0; i < 5; i++) {
      pass(8);
      touch();
    }
    expect(told).toEqual([]);
    pass(11);
    expect(told).toEqual([true]);
  });

  it("says so again to a new connection, and never when the setting is off", () => {
    const { seams, pass } = world();
    const watch = new IdleWatch(tell, seams);
    watch.set(0);
    pass(600);
    expect(told).toEqual([]);
    watch.set(10);
    watch.again();
    expect(told).toEqual([true, true]);
    watch.set(0);
    expect(told).toEqual([true, true, false]);
  });
});
