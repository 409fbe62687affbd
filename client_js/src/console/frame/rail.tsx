import { useQuery } from "@tanstack/react-query";
import {
  Archive,
  CircleUserRound,
  Command as CommandIcon,
  Inbox,
  Keyboard,
  Split,
  UsersRound,
} from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { Focusable, TooltipTrigger } from "react-aria-components";

import { meQuery } from "../api/people";
import { mayRoute } from "../api/rights";
import { Avatar } from "../kit/avatar";
import { Hint, IconButton } from "../kit/button";
import { useLiveState } from "../live/use-live";
import { ringing, useUnread } from "../ring/attention";
import { type Page, PAGES, pageAddress } from "../route";
import { texts } from "../texts";
import { openOverlay } from "./overlays";

const ICONS: Record<Page, ReactNode> = {
  inbox: <Inbox size={20} />,
  history: <Archive size={20} />,
  routing: <Split size={20} />,
  team: <UsersRound size={20} />,
  account: <CircleUserRound size={20} />,
};

const KEYS: Record<Page, string> = {
  inbox: "g i",
  history: "g h",
  routing: "g r",
  team: "g t",
  account: "g a",
};

export function Rail({ page }: { page: Page }) {
  const rights = useQuery(meQuery).data?.rights ?? [];
  const pages = PAGES.filter((one) => one !== "routing" || mayRoute(rights));
  return (
    <nav className="rail" aria-label={texts.nav.label}>
      <ul>
        {pages.map((one) => (
          <Fragment key={one}>
            {one === "account" ? <Tools /> : null}
            <li>
              <RailLink page={one} current={one === page} />
            </li>
          </Fragment>
        ))}
      </ul>
    </nav>
  );
}

/** Between the pages and the rep's own: what opens from anywhere. */
function Tools() {
  return (
    <li className="rail-tools">
      <IconButton
        label={texts.nav.commands}
        keys="Mod+k"
        place="right"
        size="large"
        onPress={() => openOverlay("palette")}
      >
        <CommandIcon size={18} />
      </IconButton>
      <IconButton
        label={texts.nav.shortcuts}
        keys="?"
        place="right"
        size="large"
        onPress={() => openOverlay("shortcuts")}
      >
        <Keyboard size={18} />
      </IconButton>
    </li>
  );
}

function RailLink({ page, current }: { page: Page; current: boolean }) {
  return (
    <TooltipTrigger delay={300} closeDelay={0}>
      <Focusable>
        <a
          className="rail-link"
          href={pageAddress(page)}
          aria-current={current ? "page" : undefined}
          role="link"
        >
          {page === "account" ? <Me /> : ICONS[page]}
          <span className="rail-name">{texts.nav[page]}</span>
          {page === "inbox" ? <InboxBadge /> : null}
        </a>
      </Focusable>
      <Hint place="right" keys={KEYS[page]}>
        {texts.nav[page]}
      </Hint>
    </TooltipTrigger>
  );
}

function Me() {
  const me = useLiveState((state) => state.me);
  const link = useLiveState((state) => state.link.phase);
  const availability = useLiveState((state) => state.availability);
  const off = useLiveState((state) => state.offHours && state.availability === "available");
  if (me === null) return ICONS.account;
  const standing = link !== "online" ? "offline" : off ? "off" : availability;
  return <Avatar id={me.id} name={me.name} picture={me.picture} size={32} standing={standing} />;
}

function InboxBadge() {
  const rings = useLiveState((state) => ringing(state.rings).length);
  const unread = useUnread();
  const count = rings || unread;
  if (count === 0) return null;
  return (
    <span className={rings ? "rail-badge ringing num" : "rail-badge num"}>
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="unseen">{rings ? texts.nav.ringing(rings) : texts.nav.unread(unread)}</span>
    </span>
  );
}
