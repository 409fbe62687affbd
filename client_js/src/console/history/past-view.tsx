/** One past conversation: what was said, and the recorded routing. */
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Download, Info, SearchX } from "lucide-react";
import { useMemo, useState } from "react";

import type { Conversation } from "../../protocol/index.ts";
import { conversationQuery, transcriptAddress } from "../api/conversations";
import { refusal } from "../api/http";
import { meQuery } from "../api/people";
import { maySeeAll } from "../api/rights";
import type { WholeConversation } from "../api/types";
import { chatName, fully, lasted } from "../format";
import { FOLDED, NARROW, useMedia } from "../inbox/media";
import { Messages } from "../inbox/messages";
import { PaneSkeleton } from "../inbox/pane";
import { NOTHING_READ, timeline } from "../inbox/timeline";
import { Avatar } from "../kit/avatar";
import { Blank, Failing } from "../kit/blank";
import { Button, IconButton } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { useNow } from "../kit/now";
import { go } from "../route";
import { texts } from "../texts";
import { VisitorPanel } from "../visitor/panel";
import { Part } from "../visitor/part";
import { DecisionView } from "./decision-view";

const words = texts.history;

export function PastView({ id, query }: { id: string; query: string }) {
  const { data, error, refetch } = useQuery(conversationQuery(id));
  const back = () => go({ page: "history", conversation: null, query });
  if (data) return <Past past={data} onBack={back} />;
  if (!error) return <PaneSkeleton />;
  if (refusal(error).kind === "missing") {
    return (
      <Blank
        icon={<SearchX />}
        title={words.missingTitle}
        action={<Button onPress={back}>{texts.back}</Button>}
      >
        {texts.failing.missingText}
      </Blank>
    );
  }
  return <Failing error={error} title={words.transcriptFailed} retry={() => void refetch()} />;
}

function Past({ past, onBack }: { past: WholeConversation; onBack: () => void }) {
  const folded = useMedia(FOLDED);
  const narrow = useMedia(NARROW);
  const Title = narrow ? "h1" : "h2"; // then the list with its title isn't there
  const [drawer, setDrawer] = useState(false);
  const now = useNow(15_000);
  const conversation = useMemo(() => asConversation(past), [past]);
  const who = chatName(conversation);
  const rows = useMemo(
    () =>
      timeline({
        entries: past.entries,
        unsent: [],
        read: NOTHING_READ,
        me: "",
        unreadAfter: null,
        now,
      }),
    [past.entries, now],
  );
  return (
    <div className={folded ? "past" : "past with-panel"}>
      <section className="pane" aria-label={texts.chat.log(who)}>
        <header className="pane-head">
          {narrow ? (
            <IconButton label={texts.back} onPress={onBack}>
              <ArrowLeft size={18} />
            </IconButton>
          ) : null}
          <Avatar
            id={past.visitor?.id ?? past.id}
            name={who}
            unnamed={!past.visitor?.name && !past.visitor?.email}
          />
          <div className="pane-who">
            <Title className="clip" dir="auto">
              {who}
            </Title>
            <p className="meta clip">{fully(past.requested_at)}</p>
          </div>
          <a
            className="button quiet"
            href={transcriptAddress(past.id)}
            download
            aria-label={words.download}
          >
            <Download size={16} />
            {narrow ? null : words.download}
          </a>
          {folded ? (
            <IconButton label={words.showDetails} onPress={() => setDrawer(true)}>
              <Info size={18} />
            </IconButton>
          ) : null}
        </header>
        <Messages label={texts.chat.log(who)} rows={rows} fromStart />
      </section>
      {folded ? (
        <Dialog title={words.details} size="side" open={drawer} onClose={() => setDrawer(false)}>
          <div className="drawer">
            <PastPanel past={past} conversation={conversation} />
          </div>
        </Dialog>
      ) : (
        <aside className="panel" aria-label={words.details}>
          <PastPanel past={past} conversation={conversation} />
        </aside>
      )}
    </div>
  );
}

function PastPanel({
  past,
  conversation,
}: {
  past: WholeConversation;
  conversation: Conversation;
}) {
  const end = past.ended_at ?? 0;
  const rights = useQuery(meQuery).data?.rights ?? [];
  return (
    <>
      <div className="visitor outcome">
        <Part title={words.details}>
          <p>{past.rep ? words.with(past.rep.name) : words.noRep}</p>
          {past.claimed_at ? (
            <p className="meta">{words.waited(lasted(past.claimed_at - past.requested_at))}</p>
          ) : null}
          {past.claimed_at && end ? (
            <p className="meta">{words.length(lasted(end - past.claimed_at))}</p>
          ) : null}
        </Part>
        <Part title={texts.decision.title}>
          <DecisionView decisions={past.decisions} decision={past.decision} />
        </Part>
      </div>
      <VisitorPanel
        conversation={conversation}
        over={past.state === "closed"}
        editable={maySeeAll(rights)}
        hideReason
      />
    </>
  );
}

function asConversation(past: WholeConversation): Conversation {
  const last = past.entries[past.entries.length - 1];
  return {
    type: "conversation",
    id: past.id,
    state: past.state,
    epoch: last?.epoch ?? "",
    offset: last?.offset ?? 0,
    at: new Date(past.requested_at).toISOString(),
    entries: [...past.entries],
    ...(past.visitor ? { visitor: past.visitor } : {}),
  };
}
