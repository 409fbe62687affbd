/** A rep's presence: what it is, what a manager can make it (PR-5), and what it was, in words
 * (PR-7). */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";

import { presenceQuery, setAvailabilityOf } from "../api/desk-data";
import { Refused } from "../api/http";
import type { Rep } from "../api/types";
import { clock, day, fully, shortDay } from "../format";
import { standingOf, standingWords } from "../inbox/standing";
import { Failing, Skeleton } from "../kit/blank";
import { Button, IconButton } from "../kit/button";
import { useNow } from "../kit/now";
import { say } from "../kit/toast";
import { presenceOf, useLiveState } from "../live/use-live";
import { texts } from "../texts";

const words = texts.presenceHistory;
const DAY = 86_400_000;

export function PresencePart({ rep, editable }: { rep: Rep; editable: boolean }) {
  return (
    <div className="presence">
      <Now rep={rep} editable={editable} />
      <Past id={rep.id} />
    </div>
  );
}

function Now({ rep, editable }: { rep: Rep; editable: boolean }) {
  const queries = useQueryClient();
  const presence = useLiveState(presenceOf).find((one) => one.rep.id === rep.id);
  const away = presence?.availability !== "available";
  const setting = useMutation({
    mutationFn: () => setAvailabilityOf(rep.id, away ? "available" : "away"),
    onSuccess: () => {
      say(away ? words.madeAvailable(rep.name) : words.madeAway(rep.name));
      return queries.invalidateQueries({ queryKey: ["presence", rep.id] });
    },
    onError: (error) => say(refused(error), { bad: true }),
  });
  return (
    <div className="presence-now">
      <i className={`dot ${presence ? standingOf(presence) : "offline"}`} aria-hidden="true" />
      <span className="cell-words">
        <b className="num">{presence ? standingWords(presence) : texts.presence.offline}</b>
        {editable ? <span className="meta">{words.told}</span> : null}
      </span>
      {editable ? (
        <Button isDisabled={setting.isPending} onPress={() => setting.mutate()}>
          {away ? words.makeAvailable : words.makeAway}
        </Button>
      ) : null}
    </div>
  );
}

/** "This rep has never been connected": the server knows why. */
const refused = (error: unknown) =>
  error instanceof Refused && error.status < 500 && error.message ? error.message : words.failed;

function Past({ id }: { id: string }) {
  const now = useNow(15_000);
  const [back, setBack] = useState(0);
  const today = useMemo(() => new Date(now).setHours(0, 0, 0, 0), [now]);
  const from = new Date(today).setDate(new Date(today).getDate() - back);
  const { data, error, refetch } = useQuery(presenceQuery(id, from, from + DAY));
  return (
    <section>
      <header className="presence-day">
        <IconButton size="small" label={words.before} onPress={() => setBack(back + 1)}>
          <ChevronLeft size={16} />
        </IconButton>
        <h3>{day(from, now)}</h3>
        <IconButton
          size="small"
          label={words.after}
          isDisabled={back === 0}
          onPress={() => setBack(back - 1)}
        >
          <ChevronRight size={16} />
        </IconButton>
      </header>
      {error && !data ? (
        <Failing small error={error} title={words.failing} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton rows={4} height={32} words={texts.loading} />
      ) : data.length === 0 ? (
        <p className="meta presence-none">{words.empty}</p>
      ) : (
        <ol className="presence-list">
          {[...data].reverse().map((one, i) => (
            <li key={`${one.at} ${i}`}>
              <time
                className="num meta"
                dateTime={new Date(one.at).toISOString()}
                title={fully(one.at)}
              >
                {one.at < from ? words.since(shortDay(one.at), clock(one.at)) : clock(one.at)}
              </time>
              <i className={`dot small ${dotOf(one.state)}`} aria-hidden="true" />
              <span>{one.words}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function dotOf(state: string): string {
  if (state === "eligible" || state === "available") return "available";
  return state === "full" || state === "offline" ? state : "away";
}
