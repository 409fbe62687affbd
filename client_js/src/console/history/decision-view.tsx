/** Who was rung, and why: each routing of a conversation, in the server's own sentences (RT-12). */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { repsQuery } from "../api/people";
import type { DecisionRecord } from "../api/routing";
import type { ToldDecision } from "../api/types";
import { clock, fully } from "../format";
import { texts } from "../texts";
import { decisionWords } from "./decision";
import { Sentences } from "./sentences";

interface Props {
  /** Newest last. */
  decisions?: readonly ToldDecision[] | undefined;
  /** What a server that doesn't tell in words recorded. */
  decision: unknown;
}

export function DecisionView({ decisions, decision }: Props) {
  const told = decisions?.filter((one) => one.words.length > 0) ?? [];
  if (told.length === 0) return <RecordView decision={decision} />;
  const [first, ...again] = told;
  return (
    <div className="decision">
      {first ? <Told one={first} several={again.length > 0} /> : null}
      {again.map((one) => (
        <section key={one.at} className="decided-again">
          <h4 className="meta" title={fully(one.at)}>
            {texts.decision.again(clock(one.at))}
          </h4>
          <Told one={one} several={false} />
        </section>
      ))}
    </div>
  );
}

function Told({ one, several }: { one: ToldDecision; several: boolean }) {
  return (
    <>
      {several ? (
        <h4 className="meta" title={fully(one.at)}>
          {texts.decision.first(clock(one.at))}
        </h4>
      ) : null}
      <Sentences words={one.words} record={one.record as DecisionRecord | undefined} />
    </>
  );
}

function RecordView({ decision }: { decision: unknown }) {
  const reps = useQuery(repsQuery).data;
  const words = useMemo(() => decisionWords(decision), [decision]);
  if (words === null) return <p className="meta">{texts.decision.none}</p>;
  const names = new Map(reps?.map((rep) => [rep.id, rep.name]));
  return (
    <div className="decision">
      <p>{words.rule}</p>
      {words.how ? <p className="meta">{words.how}</p> : null}
      <ul>
        {words.reps.map((rep) => (
          <li key={rep.id} className={rep.rung ? "rung" : ""}>
            <span className="clip">{names.get(rep.id) ?? rep.id}</span>
            <span className="meta clip">{rep.because}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
