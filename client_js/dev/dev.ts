/** Shows one scripted state of the widget; `window.ready` is true when it is there. Not shipped. */
import { type WebSocketLike, outside } from "../src/client/index.ts";
import { mount } from "../src/widget/mount.tsx";
import { type Scene, SCENES } from "./states.ts";

const query = new URLSearchParams(location.search);
const theme = query.get("theme") === "dark" ? "dark" : "light";
const scene = (SCENES[query.get("state") ?? "idle"] ?? SCENES["idle"])?.() ?? {};
document.body.className = theme;

class Scripted implements WebSocketLike {
  binaryType = "";
  protocol = "frontdesk.v1.json";
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  onerror: WebSocketLike["onerror"] = null;

  constructor(
    private readonly scene: Scene,
    isFirst: boolean,
  ) {
    const { server } = scene;
    if (server === "refusing" || (server === "lost" && !isFirst)) {
      setTimeout(() => this.onclose?.({ code: 1006, reason: "" }), 5);
    } else if (server !== "silent") setTimeout(() => this.onopen?.(undefined as never), 5);
  }

  send(data: string): void {
    const given = JSON.parse(data) as { type: string; id: number } | { type: string; id: number }[];
    for (const message of Array.isArray(given) ? given : [given]) this.answer(message);
  }

  close(): void {
    return;
  }

  private answer({ type, id }: { type: string; id: number }): void {
    if (type === "hello") this.welcome(id);
    if (type === "message" && this.scene.act === "fail") {
      this.push({ type: "error", id, code: "forbidden", message: "no" });
    }
  }

  private welcome(id: number): void {
    const {
      desk = { state: "available", usual_seconds: 45 },
      conversation,
      pushes = [],
    } = this.scene;
    const server_time = new Date().toISOString();
    const who = { visitor: "v1", token: "t", session: "s1", server_time };
    this.push({ type: "welcome", id, desk, ...who, ...(conversation && { conversation }) });
    for (const push of pushes) this.push(push);
    if (this.scene.server === "lost")
      setTimeout(() => this.onclose?.({ code: 1006, reason: "" }), 50);
  }

  private push(message: object): void {
    setTimeout(() => this.onmessage?.({ data: JSON.stringify(message) }), 5);
  }
}

sessionStorage.clear();
const { isOpen = true, draft = "" } = scene;
sessionStorage.setItem("frontdesk.dev.tab", JSON.stringify({ isOpen, draft }));
let connections = 0;
const host = document.createElement("div");
document.body.append(host);
const root = host.attachShadow({ mode: "open" });
const model = mount({
  root,
  seams: { ...outside, connect: () => new Scripted(scene, connections++ === 0) },
  settings: {
    server: location.origin + "/",
    desk: "dev",
    name: query.get("name") ?? "Fjell Outdoor",
    colour: query.get("color") ?? "#0f766e",
    language: query.get("lang") ?? "en",
    theme,
    side: "right",
    global: "frontdesk",
    alias: "",
    nonce: "",
  },
});
setTimeout(() => {
  if (scene.act === "request" || scene.act === "fail") model.send();
  if (scene.act === "end") model.panel.set({ isEndAsked: true });
  if (scene.act === "leave") root.querySelector<HTMLButtonElement>(".leave .primary")?.click();
}, 100);
document.querySelector("#states")?.append(
  ...Object.keys(SCENES).map((name) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `?state=${name}&theme=${theme}`;
    link.textContent = name;
    item.append(link);
    return item;
  }),
);
