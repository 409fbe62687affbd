import type { ReactNode } from "react";

import { pieces } from "../../widget/links.ts";

/** Text with its web addresses as links; nothing else in it is ever more than text. */
export function linked(text: string): ReactNode[] {
  return pieces(text).map(({ text: part, href }, i) =>
    href === undefined ? (
      part
    ) : (
      <a key={i} href={href} target="_blank" rel="noopener noreferrer nofollow">
        {part}
      </a>
    ),
  );
}
