import { useState } from "preact/hooks";

import type { Person } from "../../protocol/index.ts";

/** A rep's picture; initials where there is none, or where the page's policy forbids it. */
export function Avatar({ person, size = "small" }: { person: Person; size?: "small" | "large" }) {
  const [isBroken, setBroken] = useState(false);
  const picture = isBroken ? undefined : person.picture;
  return (
    <span class={`avatar ${size}`} aria-hidden="true">
      {picture ? (
        <img src={picture} alt="" onError={() => setBroken(true)} />
      ) : (
        initials(person.name)
      )}
    </span>
  );
}

/** Of the first and the last word; whole characters, also outside the basic plane. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return ends
    .map((word) => Array.from(word ?? "")[0] ?? "")
    .join("")
    .toUpperCase();
}
