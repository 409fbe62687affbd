/** Empty, loading, failing and denied: one sentence and one action, never a bare spinner. */
import { CloudOff, Lock, SearchX } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";

import { refusal } from "../api/http";
import { texts } from "../texts";
import { Button } from "./button";

interface BlankProps {
  icon?: ReactNode;
  title?: string;
  children?: ReactNode;
  action?: ReactNode;
  small?: boolean;
}

export function Blank({ icon, title, children, action, small }: BlankProps) {
  return (
    <div className={small ? "blank small" : "blank"}>
      {icon ? <span className="blank-icon">{icon}</span> : null}
      {title ? <h2>{title}</h2> : null}
      {children ? <p>{children}</p> : null}
      {action ? <div className="blank-action">{action}</div> : null}
    </div>
  );
}

interface FailingProps {
  error: unknown;
  title?: string;
  retry?: () => void;
  small?: boolean;
}

/** What didn't load, why, and what to do, by the kind of refusal. */
export function Failing({ error, title, retry, small = false }: FailingProps) {
  const { kind } = refusal(error);
  const again = retry ? <Button onPress={retry}>{texts.tryAgain}</Button> : null;
  if (kind === "denied") {
    return (
      <Blank small={small} icon={<Lock />} title={texts.failing.denied}>
        {texts.failing.deniedText}
      </Blank>
    );
  }
  if (kind === "missing") {
    return (
      <Blank small={small} icon={<SearchX />} title={texts.failing.missing}>
        {texts.failing.missingText}
      </Blank>
    );
  }
  return (
    <Blank small={small} icon={<CloudOff />} title={title ?? texts.failing.title} action={again}>
      {kind === "network" ? texts.failing.network : texts.failing.server}
    </Blank>
  );
}

/** Lines of the final size; after 400 ms it says what is being waited for. */
export function Skeleton({ rows, height, words }: { rows: number; height: number; words: string }) {
  const late = useLate(400);
  return (
    <div className="skeleton" role="status">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="skeleton-row" style={{ height }}>
          <i />
          <span />
          <span />
        </div>
      ))}
      <p className={late ? "skeleton-words" : "skeleton-words hidden"}>{late ? words : "\u00a0"}</p>
    </div>
  );
}

export function useLate(after: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return late;
}
