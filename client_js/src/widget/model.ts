/** What the widget itself remembers and does, beside what the client knows. */
import { Store, type VisitorClient, type VisitorState } from "../client/index.ts";
import type { LogEntry } from "../protocol/index.ts";
import type { Memory } from "./memory.ts";
import { unreadOf } from "./screen.ts";
import type { Settings } from "./settings.ts";
import type { Sounds } from "./sound.ts";
import type { Texts } from "./texts.ts";

export interface PanelState {
  isOpen: boolean;
  /** Opened by a person here, so the focus may move; not by a reload. */
  isFocusWanted: boolean;
  draft: string;
  isSoundOn: boolean;
  /** The highest offset that was shown here, and of which conversation. */
  seen: { conversation: string; offset: number };
  leaving: "no" | "sending" | "failed";
  isEndAsked: boolean;
}

export type Listener = (name: string, data: Record<string, unknown>) => void;

export class Model {
  readonly settings: Settings;
  readonly texts: Texts;
  readonly client: VisitorClient;
  readonly panel: Store<PanelState>;
  readonly isStorageBlocked: boolean;
  /** The next place to write that appears takes the focus of the one that went. */
  isWritingOn = false;
  readonly #memory: Memory;
  readonly #sounds: Sounds;
  readonly #listeners: Listener[] = [];

  constructor(parts: {
    settings: Settings;
    texts: Texts;
    client: VisitorClient;
    memory: Memory;
    sounds: Sounds;
  }) {
    this.settings = parts.settings;
    this.texts = parts.texts;
    this.client = parts.client;
    this.#memory = parts.memory;
    this.#sounds = parts.sounds;
    this.isStorageBlocked = parts.memory.isBlocked;
    this.panel = new Store<PanelState>({
      ...parts.memory.readTab(),
      isFocusWanted: false,
      isSoundOn: parts.memory.isSoundOn,
      seen: { conversation: "", offset: 0 },
      leaving: "no",
      isEndAsked: false,
    });
    this.client.store.subscribe(() => this.look());
    this.client.on("entry", (entry) => this.#heard(entry));
  }

  get visitor(): VisitorState {
    return this.client.state;
  }

  get unread(): number {
    const { conversation } = this.visitor;
    const { seen } = this.panel.state;
    return unreadOf(conversation, seen.conversation === conversation?.id ? seen.offset : 0);
  }

  open(): void {
    if (this.panel.state.isOpen) return;
    this.#sounds.unlock();
    this.panel.set({ isOpen: true, isFocusWanted: true });
    this.#keepTab();
    this.look();
    this.tell("opened", {});
  }

  close(): void {
    if (!this.panel.state.isOpen) return;
    this.panel.set({ isOpen: false, isFocusWanted: true, isEndAsked: false });
    this.#keepTab();
    this.tell("closed", {});
  }

  toggle(): void {
    if (this.panel.state.isOpen) this.close();
    else this.open();
  }

  write(draft: string): void {
    this.panel.set({ draft });
    this.#keepTab();
    this.client.typing(draft.trim() !== "");
  }

  /** Says what is in the draft: in the open conversation, or as the first words of a new one. */
  send(): void {
    const text = this.panel.state.draft.trim();
    if (text === "") return;
    const { conversation } = this.visitor;
    this.panel.set({ draft: "" });
    this.#keepTab();
    const isOpen = conversation?.state === "requested" || conversation?.state === "active";
    if (isOpen) this.client.send(text);
    else {
      // The screen changes with the first words; whoever wrote them writes on.
      this.isWritingOn = true;
      this.client.request(text);
    }
  }

  async leave(email: string, text: string): Promise<void> {
    this.panel.set({ leaving: "sending" });
    try {
      await this.client.leave(email, text);
      this.panel.set({ leaving: "no" });
    } catch {
      this.panel.set({ leaving: "failed" });
    }
  }

  end(): void {
    this.panel.set({ isEndAsked: false });
    // What comes of it is seen in the log; a lost connection leaves the button where it is.
    this.client.close().catch(() => undefined);
  }

  setSound(isSoundOn: boolean): void {
    this.#memory.isSoundOn = isSoundOn;
    this.panel.set({ isSoundOn });
  }

  /** What is shown to a person counts as read. */
  look(): void {
    const { conversation } = this.visitor;
    if (conversation === undefined || !this.#isShown) return;
    const { id, offset } = conversation;
    const { seen } = this.panel.state;
    if (seen.conversation !== id || seen.offset !== offset) {
      this.panel.set({ seen: { conversation: id, offset } });
    }
    if (unreadOf(conversation, 0) > 0) this.client.read(offset);
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** To the page's listeners; an error of theirs is theirs. */
  tell(name: string, data: Record<string, unknown>): void {
    for (const listener of this.#listeners) setTimeout(() => listener(name, data), 0);
  }

  get #isShown(): boolean {
    return this.panel.state.isOpen && document.visibilityState === "visible";
  }

  #heard(entry: LogEntry): void {
    this.tell(entry.type, { ...entry });
    const isMessage = entry.type === "message" && entry.from === "rep";
    if (isMessage && !this.#isShown) void this.#sound("message", entry);
    if (entry.type === "claimed") void this.#sound("claimed", entry);
  }

  /** Of several tabs one is heard: the first to hold the lock of this entry. */
  async #sound(sound: "message" | "claimed", entry: LogEntry): Promise<void> {
    if (!this.panel.state.isSoundOn) return;
    const locks = (navigator as { locks?: LockManager }).locks;
    if (locks === undefined) {
      this.#sounds.play(sound);
      return;
    }
    const name = `frontdesk.sound.${entry.conversation}.${entry.offset}`;
    await locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock === null) return;
      this.#sounds.play(sound);
      await new Promise((done) => setTimeout(done, 1_000));
    });
  }

  #keepTab(): void {
    const { isOpen, draft } = this.panel.state;
    this.#memory.writeTab({ isOpen, draft });
  }
}
