/** A text in pieces: plain, and addresses that can be followed. */

export type Piece = { text: string; href?: string };

const LINK = /https?:\/\/[^\s<>"'「」。、]+/gi;
/** What closes a sentence rather than an address. */
const TAIL = /[.,;:!?)\]}…]+$/;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const href = withoutTail(match[0]);
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: href, href });
    at = match.index + href.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

/** A closing bracket belongs to the address when the address opened it. */
function withoutTail(link: string): string {
  const bare = link.replace(TAIL, "");
  const isOpen = bare.includes("(") && !bare.includes(")");
  return isOpen && link[bare.length] === ")" ? `${bare})` : bare;
}
