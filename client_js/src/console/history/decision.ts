/** From a recorded decision (its values) to plain words (RT-12). Pure; knows version 1 and says
 * little, rather than something wrong, about what it doesn't know. */
import { texts } from "../texts";

export interface ConsideredWords {
  id: string;
  rung: boolean;
  because: string;
}

export interface DecisionWords {
  rule: string;
  how: string;
  reps: readonly ConsideredWords[];
}

interface Considered {
  rep?: unknown;
  eligibility?: unknown;
  load?: unknown;
  capacity?: unknown;
}

export function decisionWords(decision: unknown): DecisionWords | null {
  if (typeof decision !== "object" || decision === null) return null;
  const body = decision as Record<string, unknown>;
  const considered = Array.isArray(body["considered"]) ? (body["considered"] as Considered[]) : [];
  const somebody = considered.some((one) => one.eligibility === "eligible");
  return {
    rule: ruleWords(word(body["rule"]), word(body["why"])),
    how: body["strategy"] === "first_available" && somebody ? texts.decision.firstAvailable : "",
    reps: considered.map(consideredWords).sort((a, b) => Number(b.rung) - Number(a.rung)),
  };
}

function ruleWords(rule: string, why: string): string {
  if (rule === "transfer") return texts.decision.transfer;
  if (why === "rep_lost") return texts.decision.repLost;
  return rule === "default" || rule === "" ? texts.decision.defaultRule : texts.decision.rule(rule);
}

function consideredWords(one: Considered): ConsideredWords {
  const eligibility = word(one.eligibility);
  const { because } = texts.decision;
  const full = typeof one.load === "number" && typeof one.capacity === "number";
  return {
    id: word(one.rep),
    rung: eligibility === "eligible",
    because:
      eligibility === "full" && full
        ? texts.decision.full(one.load as number, one.capacity as number)
        : (because[eligibility] ?? eligibility),
  };
}

const word = (value: unknown): string => (typeof value === "string" ? value : "");
