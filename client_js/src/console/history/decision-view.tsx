import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { repsQuery } from "../api/people";
import { texts } from "../texts";
import { decisionWords } from "./decision";

/** The recorded routing (RT-12) in plain words. */
export function DecisionView({ decision }: { decision: unknown }) {
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
