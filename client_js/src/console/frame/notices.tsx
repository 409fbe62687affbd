import { Info, MoonStar, TriangleAlert, X } from "lucide-react";

import { Button, IconButton } from "../kit/button";
import { say } from "../kit/toast";
import { useLive, useLiveState } from "../live/use-live";
import { texts } from "../texts";

/** What the server wants the rep to know, until it is dismissed. */
export function Notices() {
  const live = useLive();
  const notices = useLiveState((state) => state.notices);
  return (
    <>
      <SetAway />
      {notices
        .filter((notice) => notice.key !== "set_away")
        .map((notice) => (
          <div key={notice.key} className={`notice ${notice.level}`} role="status">
            {notice.level === "warning" ? <TriangleAlert size={16} /> : <Info size={16} />}
            <span>{notice.text}</span>
            <IconButton
              size="small"
              label={texts.dismiss}
              onPress={() => live.forgetNotice(notice.key)}
            >
              <X size={14} />
            </IconButton>
          </div>
        ))}
    </>
  );
}

/** Somebody or something else made the rep away (PR-1, PR-5, PR-8): why, and the way back. */
function SetAway() {
  const live = useLive();
  const away = useLiveState((state) => state.availability === "away");
  const cause = useLiveState((state) => state.cause);
  const notice = useLiveState((state) => state.notices.find((one) => one.key === "set_away")?.text);
  const text = away ? (texts.availability.told[cause] ?? notice) : undefined;
  if (!text) return null;
  const back = () =>
    live
      .setAvailability("available")
      .then(() => live.forgetNotice("set_away"))
      .catch(() => say(texts.availability.failed, { bad: true }));
  return (
    <div className="notice warning" role="alert">
      <MoonStar size={16} aria-hidden="true" />
      <span>{text}</span>
      <Button size="small" onPress={() => void back()}>
        {texts.inbox.becomeAvailable}
      </Button>
    </div>
  );
}
