import { ArrowLeft, ArrowRightLeft, Info, MessageSquareOff, X } from "lucide-react";

import { shortUrl } from "../format";
import { Avatar } from "../kit/avatar";
import { Button, IconButton } from "../kit/button";
import type { Chat } from "../live/live";
import { useLive } from "../live/use-live";
import { texts } from "../texts";
import { endSoon, useEnding } from "./endings";
import { NARROW, useMedia } from "./media";
import type { PaneProps } from "./pane";

export function PaneHead(props: PaneProps & { chat: Chat; who: string }) {
  const { chat, who, several, onClose } = props;
  const narrow = useMedia(NARROW);
  const { visitor } = chat.conversation;
  return (
    <header className="pane-head">
      {narrow ? (
        <IconButton label={texts.chat.back} keys="x" onPress={onClose}>
          <ArrowLeft size={18} />
        </IconButton>
      ) : null}
      <Avatar
        id={visitor?.id ?? chat.conversation.id}
        name={who}
        unnamed={!visitor?.name && !visitor?.email}
      />
      <div className="pane-who">
        <h2 className="clip" dir="auto" title={who}>
          {who}
        </h2>
        <Whereabouts chat={chat} />
      </div>
      <PaneButtons {...props} compact={narrow || several} />
      {several && !narrow ? (
        <IconButton label={texts.inbox.closePane} keys="x" onPress={onClose}>
          <X size={18} />
        </IconButton>
      ) : null}
    </header>
  );
}

function Whereabouts({ chat }: { chat: Chat }) {
  const { visitor, visitor_here: here } = chat.conversation;
  const page = visitor?.page;
  const words = here ? texts.visitor.here : texts.visitor.gone;
  return (
    <p className="clip meta">
      <i className={here ? "dot small available" : "dot small offline"} aria-hidden="true" />
      {words}
      {page ? ` · ${page.title || shortUrl(page.url)}` : ""}
    </p>
  );
}

function PaneButtons(props: PaneProps & { chat: Chat; compact: boolean }) {
  const { chat, compact, panelShown, onPanel, onTransfer } = props;
  const live = useLive();
  const ending = useEnding(chat.conversation.id) !== null;
  const end = () => endSoon(live, chat.conversation.id);
  const panel = (
    <IconButton
      label={panelShown ? texts.visitor.hidePanel : texts.visitor.showPanel}
      keys="i"
      pressed={panelShown}
      onPress={onPanel}
    >
      <Info size={18} />
    </IconButton>
  );
  if (chat.over) return panel;
  if (compact) {
    return (
      <>
        <IconButton label={texts.chat.transfer} keys="t" onPress={onTransfer}>
          <ArrowRightLeft size={18} />
        </IconButton>
        <IconButton label={texts.chat.endLabel} keys="e" isDisabled={ending} onPress={end}>
          <MessageSquareOff size={18} />
        </IconButton>
        {panel}
      </>
    );
  }
  return (
    <>
      <Button look="quiet" icon={<ArrowRightLeft size={16} />} onPress={onTransfer}>
        {texts.chat.transfer}
      </Button>
      <Button look="plain" isDisabled={ending} onPress={end}>
        {texts.chat.endLabel}
      </Button>
      {panel}
    </>
  );
}
