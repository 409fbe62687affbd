/** The browser tab: title and icon say what is going on while another tab is in front. */
import { texts } from "../texts";

export interface TabState {
  ringing: number;
  unread: number;
  page: string;
}

export function title({ ringing, unread, page }: TabState): string {
  if (ringing > 0) return `${texts.ring.title(ringing)} · ${texts.product}`;
  return `${unread > 0 ? `(${unread}) ` : ""}${page} · ${texts.product}`;
}

const drawn = new Map<string, string>();

/** Draws the icon with a count (amber: ringing, teal: unread); each picture once. */
export function icon(ringing: number, unread: number): string {
  const count = ringing || unread;
  const key = `${ringing > 0 ? "ring" : "read"}${Math.min(count, 10)}`;
  let url = drawn.get(key);
  if (url === undefined) {
    url = draw(count, ringing > 0);
    drawn.set(key, url);
  }
  return url;
}

function draw(count: number, ringing: boolean): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d");
  if (pen === null) return "";
  pen.fillStyle = ringing ? "#e08600" : "#0b6e69";
  pen.beginPath();
  pen.roundRect(2, 2, 60, 60, 18);
  pen.fill();
  if (count === 0) bell(pen);
  else number(pen, count > 9 ? "9+" : String(count), ringing);
  return canvas.toDataURL();
}

function number(pen: CanvasRenderingContext2D, text: string, ringing: boolean): void {
  pen.fillStyle = ringing ? "#1c1000" : "#ffffff";
  pen.font = `700 ${text.length > 1 ? 36 : 46}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, 32, 35);
}

/** The product's mark: the bell of a front desk. */
function bell(pen: CanvasRenderingContext2D): void {
  pen.fillStyle = "#ffffff";
  pen.beginPath();
  pen.arc(32, 40, 18, Math.PI, 0);
  pen.fill();
  pen.fillRect(12, 43, 40, 5);
  pen.fillRect(29, 16, 6, 6);
}

export function showOnTab(state: TabState): void {
  document.title = title(state);
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  const href = icon(state.ringing, state.unread);
  if (link !== null && href !== "" && link.href !== href) link.href = href;
}
