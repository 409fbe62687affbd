/** Route to Outreach (RT-9): tried before the owner. */
import type { OutreachBlock } from "../api/routing";
import { Switch } from "../kit/field";
import { Radios } from "../kit/radios";
import { Select } from "../kit/select";
import { texts } from "../texts";
import type { PartProps } from "./rule-editor";

const words = texts.routing.outreach;

export function OutreachPart({ one, onEdit }: PartProps) {
  const { outreach } = one;
  const edit = (change: Partial<OutreachBlock>) =>
    onEdit({ outreach: { ...outreach, ...change } }, "outreach");
  return (
    <div className={outreach.on ? "block on" : "block"}>
      <Switch label={words.on} hint={words.hint} on={outreach.on} onChange={(on) => edit({ on })} />
      {outreach.on ? (
        <div className="block-body">
          <Radios
            label={words.ring}
            row
            value={outreach.ring}
            choices={(["sender", "owner", "both"] as const).map((id) => ({
              id,
              name: words.rings[id],
            }))}
            onChange={(ring) => edit({ ring })}
          />
          <Switch
            label={words.fallback}
            hint={outreach.fallback ? undefined : words.fallbackHint}
            on={outreach.fallback}
            onChange={(fallback) => edit({ fallback })}
          />
          <div className="short">
            <Select
              label={words.book}
              value={outreach.book}
              choices={(["sender", "owner", "targets", "nobody"] as const).map((id) => ({
                id,
                name: words.books[id],
              }))}
              onChange={(book) => edit({ book: book as OutreachBlock["book"] })}
            />
          </div>
        </div>
      ) : null}
    </div>
  );
}
