import { UserRound } from "lucide-react";

import { initials, tint } from "../format";

export type Standing = "available" | "full" | "off" | "away" | "offline";

interface Props {
  id: string;
  name: string;
  picture?: string | undefined;
  size?: 24 | 32 | 40 | 56;
  /** A visitor without a name has a face, not the letter of the word "Visitor". */
  unnamed?: boolean;
  standing?: Standing;
}

/** A picture, else initials on a tint of their own. Says nothing to readers: the name is beside. */
export function Avatar({ id, name, picture, size = 32, unnamed, standing }: Props) {
  return (
    <span className={`avatar of-${size} tint-${tint(id)}`} aria-hidden="true">
      <Face name={name} picture={picture} unnamed={unnamed ?? false} size={size} />
      {standing ? <i className={`dot ${standing}`} /> : null}
    </span>
  );
}

function Face(props: {
  name: string;
  picture?: string | undefined;
  unnamed: boolean;
  size: number;
}) {
  if (props.picture) return <img src={props.picture} alt="" />;
  const letters = props.unnamed ? "" : initials(props.name);
  return letters ? <b>{letters}</b> : <UserRound size={Math.round(props.size * 0.5)} />;
}
