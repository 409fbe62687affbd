/** A decision in words, as the server says it: the first sentence is the outcome. Where it counts
 * those who were offline, their names unfold. */
import { useQuery } from "@tanstack/react-query";

import { repsQuery } from "../api/people";
import type { DecisionRecord } from "../api/routing";
import { texts } from "../texts";

/** How the server ends the sentence that counts them. */
const COUNTED = /(others|reps) meant (are|were) offline\.$/;

interface Props {
  words: readonly string[];
  record: DecisionRecord | undefined;
}

export function Sentences({ words, record }: Props) {
  return (
    <ul className="told">
      {words.map((sentence, i) => (
        <li key={i} dir="auto">
          {record && COUNTED.test(sentence) ? (
            <details className="more">
              <summary>{sentence}</summary>
              <Names ids={offlineOf(record)} />
            </details>
          ) : (
            sentence
          )}
        </li>
      ))}
    </ul>
  );
}

const offlineOf = (record: DecisionRecord): readonly string[] =>
  (record.considered ?? []).filter((one) => one.eligibility === "offline").map((one) => one.rep);

function Names({ ids }: { ids: readonly string[] }) {
  const reps = useQuery(repsQuery).data;
  const names = new Map(reps?.map((rep) => [rep.id, rep.name]));
  return (
    <ul className="told-names">
      {ids.map((id) => (
        <li key={id} className="clip" dir="auto">
          {names.get(id) ?? texts.decision.left}
        </li>
      ))}
    </ul>
  );
}
