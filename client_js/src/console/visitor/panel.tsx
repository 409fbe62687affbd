/** Who the visitor is, where they are, why they came to this rep, and what was before. */
import { useQuery } from "@tanstack/react-query";

import type { Conversation } from "../../protocol/index.ts";
import { conversationQuery } from "../api/conversations";
import { chatName } from "../format";
import { DecisionView } from "../history/decision-view";
import { Avatar } from "../kit/avatar";
import { texts } from "../texts";
import { EarlierConversations } from "./earlier-conversations";
import { Fields } from "./fields";
import { Part } from "./part";
import { CurrentPage, Visit } from "./visit";

interface Props {
  conversation: Conversation;
  over?: boolean;
  /** Whether this rep may enter what they know. */
  editable?: boolean;
  /** Where the routing is told in full anyway. */
  hideReason?: boolean;
}

export function VisitorPanel(props: Props) {
  const { conversation, over = false, editable = false, hideReason = false } = props;
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
        <>
          <CurrentPage visitor={visitor} here={Boolean(conversation.visitor_here) && !over} />
          <Fields
            key={conversation.id}
            visitor={visitor}
            conversation={conversation.id}
            editable={editable && !over}
          />
        </>
      ) : null}
      {hideReason ? null : <WhyYou conversation={conversation} />}
      {visitor ? <Visit visitor={visitor} /> : null}
      {visitor ? <EarlierConversations visitor={visitor} not={conversation.id} /> : null}
    </div>
  );
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
