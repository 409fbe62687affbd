/** Who is rung for whom: the rules, and what they look at. */
import { useQuery } from "@tanstack/react-query";
import { Lock } from "lucide-react";

import { meQuery } from "../api/people";
import { mayRoute } from "../api/rights";
import { Blank } from "../kit/blank";
import { address, ROUTING_PARTS, type RoutingPart } from "../route";
import { texts } from "../texts";
import { Fairness } from "./fairness";
import { Fields } from "./fields";
import { Owners } from "./owners";
import { Rules } from "./rules-page";
import { Simulate } from "./simulate";
import { Versions } from "./versions";

import "../styles/figures.css";
import "../styles/rules.css";
import "../styles/rule.css";
import "../styles/conditions.css";
import "../styles/trying.css";
import "../styles/routing-narrow.css";

const words = texts.routing;

export function Routing({ part, item }: { part: RoutingPart; item: string | null }) {
  const me = useQuery(meQuery).data;
  if (me && !mayRoute(me.rights)) {
    return (
      <main className="page" aria-label={words.title}>
        <Blank icon={<Lock />} title={words.deniedTitle}>
          {words.deniedText}
        </Blank>
      </main>
    );
  }
  return (
    <main className="page routing" aria-label={words.title}>
      <header className="page-head">
        <h1>{words.title}</h1>
        <nav className="page-parts" aria-label={words.title}>
          {ROUTING_PARTS.map((one) => (
            <a
              key={one}
              href={address({ page: "routing", part: one, item: null })}
              aria-current={one === part ? "page" : undefined}
              ref={one === part ? intoView : null}
            >
              {words.parts[one]}
            </a>
          ))}
        </nav>
      </header>
      <PartOf part={part} item={item} />
    </main>
  );
}

/** Where the parts don't all fit, the open one is seen. */
function intoView(link: HTMLElement | null): void {
  const bar = link?.parentElement;
  if (link && bar)
    bar.scrollLeft = Math.max(0, link.offsetLeft + link.offsetWidth - bar.clientWidth);
}

function PartOf({ part, item }: { part: RoutingPart; item: string | null }) {
  switch (part) {
    case "rules":
      return <Rules open={item} />;
    case "simulate":
      return <Simulate />;
    case "versions":
      return <Versions item={item} />;
    case "fairness":
      return <Fairness />;
    case "owners":
      return <Owners />;
    case "fields":
      return <Fields />;
  }
}
