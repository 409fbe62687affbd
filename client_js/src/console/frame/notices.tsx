import { Info, TriangleAlert, X } from "lucide-react";

import { IconButton } from "../kit/button";
import { useLive, useLiveState } from "../live/use-live";
import { texts } from "../texts";

/** What the server wants the rep to know, until it is dismissed. */
export function Notices() {
  const live = useLive();
  const notices = useLiveState((state) => state.notices);
  return notices.map((notice) => (
    <div key={notice.key} className={`notice ${notice.level}`} role="status">
      {notice.level === "warning" ? <TriangleAlert size={16} /> : <Info size={16} />}
      <span>{notice.text}</span>
      <IconButton size="small" label={texts.dismiss} onPress={() => live.forgetNotice(notice.key)}>
        <X size={14} />
      </IconButton>
    </div>
  ));
}
