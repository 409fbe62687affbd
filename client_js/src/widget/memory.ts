/**
 * What lasts between pages. The token is in localStorage (all tabs are one visitor), else in a
 * first-party cookie; the rest belongs to this tab. Where a browser forbids both, it lasts as long
 * as the page, and the widget says so.
 */
import type { Unsent, VisitorMemory } from "../client/index.ts";

export interface TabState {
  isOpen: boolean;
  draft: string;
}

const YEAR_S = 400 * 24 * 3600;

export class Memory implements VisitorMemory {
  readonly #key: string;
  readonly #local: Storage | undefined;
  readonly #tab: Storage | undefined;
  #token = "";

  constructor(desk: string) {
    this.#key = `frontdesk.${desk}`;
    this.#local = usable(() => localStorage);
    this.#tab = usable(() => sessionStorage);
    this.#token = this.#local?.getItem(this.#key) ?? this.#cookie();
  }

  /** Nothing lasts: neither storage nor cookie takes a value. */
  get isBlocked(): boolean {
    return this.#local === undefined && !cookiesWork();
  }

  readToken(): string {
    return this.#local?.getItem(this.#key) ?? (this.#cookie() || this.#token);
  }

  writeToken(token: string): void {
    this.#token = token;
    if (this.#local !== undefined) write(this.#local, this.#key, token);
    else document.cookie = this.#cookieOf(token);
  }

  readUnsent(): Unsent {
    return (this.#read("unsent") as Unsent | undefined) ?? { messages: [] };
  }

  writeUnsent(unsent: Unsent): void {
    this.#write("unsent", unsent);
  }

  readConversation(): string {
    return (this.#read("conversation") as string | undefined) ?? "";
  }

  writeConversation(id: string): void {
    this.#write("conversation", id);
  }

  readTab(): TabState {
    return (this.#read("tab") as TabState | undefined) ?? { isOpen: false, draft: "" };
  }

  writeTab(tab: TabState): void {
    this.#write("tab", tab);
  }

  get isSoundOn(): boolean {
    return this.#local?.getItem(`${this.#key}.sound`) !== "off";
  }

  set isSoundOn(on: boolean) {
    if (this.#local !== undefined) write(this.#local, `${this.#key}.sound`, on ? "on" : "off");
  }

  /** One tab at a time gets a first token; at most ten seconds long. */
  first(): Promise<{ release(): void }> {
    return new Promise((resolve) => {
      const hold = () =>
        new Promise<void>((release) => {
          setTimeout(release, 10_000);
          resolve({ release });
        });
      const free = () => resolve({ release: () => undefined });
      // Absent on pages without https, and in old browsers.
      const locks = (navigator as { locks?: LockManager }).locks;
      if (locks === undefined) free();
      else locks.request(this.#key, hold).catch(free);
    });
  }

  #read(name: string): unknown {
    try {
      const text = this.#tab?.getItem(`${this.#key}.${name}`);
      return text ? JSON.parse(text) : undefined;
    } catch {
      return undefined;
    }
  }

  #write(name: string, value: unknown): void {
    if (this.#tab !== undefined) write(this.#tab, `${this.#key}.${name}`, JSON.stringify(value));
  }

  #cookie(): string {
    const found = document.cookie.split("; ").find((each) => each.startsWith(`${this.#key}=`));
    return found?.slice(this.#key.length + 1) ?? "";
  }

  #cookieOf(token: string): string {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    return `${this.#key}=${token}; Max-Age=${YEAR_S}; Path=/; SameSite=Lax${secure}`;
  }
}

/** The mere access may throw, and what is there may take nothing. */
function usable(storage: () => Storage): Storage | undefined {
  try {
    const found = storage();
    found.setItem("frontdesk.try", "1");
    found.removeItem("frontdesk.try");
    return found;
  } catch {
    return undefined;
  }
}

function write(storage: Storage, key: string, value: string): void {
  try {
    storage.setItem(key, value);
  } catch {
    // Full: what is lost is a convenience, and not ours to make room for.
  }
}

function cookiesWork(): boolean {
  try {
    document.cookie = "frontdesk.try=1; SameSite=Lax";
    const works = document.cookie.includes("frontdesk.try=1");
    document.cookie = "frontdesk.try=; Max-Age=0; SameSite=Lax";
    return works;
  } catch {
    return false;
  }
}
