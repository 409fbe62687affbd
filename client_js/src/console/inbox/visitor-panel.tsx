/** Who the visitor is, where they are, why they came to this rep, and what was before. */
import { useQuery } from "@tanstack/react-query";
import { Copy, ExternalLink } from "lucide-react";
import type { ReactNode } from "react";

import type { About, Conversation } from "../../protocol/index.ts";
import { conversationQuery } from "../api/conversations";
import { DecisionView } from "../history/decision-view";
import {
  chatName,
  clock,
  fieldName,
  fieldValue,
  language,
  place,
  shortUrl,
  webAddress,
} from "../format";
import { Avatar } from "../kit/avatar";
import { IconButton } from "../kit/button";
import { useNow } from "../kit/now";
import { say } from "../kit/toast";
import { texts } from "../texts";
import { EarlierConversations } from "./earlier-conversations";

interface Props {
  conversation: Conversation;
  over?: boolean;
  /** Where the routing is told in full anyway. */
  hideReason?: boolean;
}

export function VisitorPanel({ conversation, over = false, hideReason = false }: Props) {
  const { visitor } = conversation;
  const who = chatName(conversation);
  return (
    <div className="visitor">
      <header className="visitor-head">
        <Avatar
          id={visitor?.id ?? ""}
          name={who}
          size={56}
          unnamed={!visitor?.name && !visitor?.email}
        />
        <h2 dir="auto">{who}</h2>
        {visitor?.company && visitor.company !== who ? <p dir="auto">{visitor.company}</p> : null}
      </header>
      {visitor ? (
        <Facts visitor={visitor} here={Boolean(conversation.visitor_here) && !over} />
      ) : null}
      {hideReason ? null : <WhyYou conversation={conversation} />}
      {visitor ? <Fields visitor={visitor} /> : null}
      {visitor ? <EarlierConversations visitor={visitor} not={conversation.id} /> : null}
    </div>
  );
}

function Facts({ visitor, here }: { visitor: About; here: boolean }) {
  const words = texts.visitor;
  return (
    <>
      {visitor.page ? (
        <Part title={here ? words.page : words.lastPage}>
          <PageLink url={visitor.page.url} title={visitor.page.title ?? ""} />
        </Part>
      ) : null}
      <Part title={words.about}>
        <dl className="facts">
          {visitor.email ? (
            <Fact name={words.email}>
              <Email email={visitor.email} />
            </Fact>
          ) : null}
          {visitor.company ? <Fact name={words.company}>{visitor.company}</Fact> : null}
          {place(visitor) ? <Fact name={words.location}>{place(visitor)}</Fact> : null}
          {visitor.timezone ? <LocalTime zone={visitor.timezone} /> : null}
          {visitor.locale ? <Fact name={words.language}>{language(visitor.locale)}</Fact> : null}
          {visitor.pages_seen ? <Fact name={words.pagesSeen}>{visitor.pages_seen}</Fact> : null}
          <Fact name={words.visit}>{visitor.returning ? words.returning : words.firstVisit}</Fact>
        </dl>
      </Part>
    </>
  );
}

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd dir="auto">{children}</dd>
    </>
  );
}

function PageLink({ url, title }: { url: string; title: string }) {
  const address = webAddress(url);
  const words = (
    <>
      <span className="clip" dir="auto">
        {title || shortUrl(url)}
      </span>
      {address ? <ExternalLink size={13} aria-hidden="true" /> : null}
    </>
  );
  return (
    <div className="page-link">
      {address ? (
        <a href={address} target="_blank" rel="noopener noreferrer nofollow" title={url}>
          {words}
        </a>
      ) : (
        <span>{words}</span>
      )}
      {title ? <p className="meta clip">{shortUrl(url)}</p> : null}
    </div>
  );
}

function Email({ email }: { email: string }) {
  const copy = async () => {
    await navigator.clipboard.writeText(email);
    say(texts.visitor.copied);
  };
  return (
    <span className="with-tool">
      <a
        className="clip"
        href={`mailto:${encodeURIComponent(email).replace("%40", "@")}`}
        title={email}
      >
        {email}
      </a>
      <IconButton size="small" label={texts.visitor.copyEmail} onPress={() => void copy()}>
        <Copy size={14} />
      </IconButton>
    </span>
  );
}

function LocalTime({ zone }: { zone: string }) {
  const time = clock(useNow(15_000), zone);
  return time ? (
    <Fact name={texts.visitor.localTime}>
      <span className="num">{time}</span>
    </Fact>
  ) : null;
}

function WhyYou({ conversation }: { conversation: Conversation }) {
  const { data } = useQuery({ ...conversationQuery(conversation.id), retry: false });
  const told = Boolean(data?.decision) || Boolean(data?.decisions?.length);
  if (!conversation.reason && !told) return null;
  return (
    <Part title={texts.visitor.why}>
      {conversation.reason ? <p dir="auto">{conversation.reason}</p> : null}
      {told && data ? (
        <details className="more">
          <summary>{texts.decision.title}</summary>
          <DecisionView decisions={data.decisions} decision={data.decision} />
        </details>
      ) : null}
    </Part>
  );
}

function Fields({ visitor }: { visitor: About }) {
  const fields = Object.entries(visitor.fields ?? {});
  if (fields.length === 0) return null;
  return (
    <Part title={texts.visitor.fields}>
      <dl className="facts">
        {fields.map(([key, value]) => (
          <Fact key={key} name={fieldName(key)}>
            {fieldValue(value)}
          </Fact>
        ))}
      </dl>
    </Part>
  );
}
