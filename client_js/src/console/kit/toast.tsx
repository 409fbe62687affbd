/** One line at the foot of the screen after something was done, sometimes with Undo. */
import { X } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";

import { texts } from "../texts";
import { Button, IconButton } from "./button";

interface Toast {
  key: number;
  text: string;
  bad: boolean;
  action?: { name: string; run: () => void };
}

let toasts: readonly Toast[] = [];
let count = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says something for 5 s; at most three lines stand at once. */
export function say(text: string, options: { bad?: boolean; action?: Toast["action"] } = {}): void {
  const { bad = false, action } = options;
  const others = toasts.filter((toast) => toast.text !== text).slice(-2);
  change([...others, { key: ++count, text, bad, ...(action ? { action } : {}) }]);
}

const forget = (key: number) => change(toasts.filter((toast) => toast.key !== key));

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <Line key={toast.key} toast={toast} />
      ))}
    </div>
  );
}

function Line({ toast }: { toast: Toast }) {
  const { key, action } = toast;
  useEffect(() => {
    const timer = setTimeout(() => forget(key), action ? 8000 : 5000);
    return () => clearTimeout(timer);
  }, [key, action]);
  return (
    <div className={toast.bad ? "toast bad" : "toast"}>
      <span>{toast.text}</span>
      {action ? (
        <Button
          size="small"
          look="quiet"
          onPress={() => {
            action.run();
            forget(key);
          }}
        >
          {action.name}
        </Button>
      ) : null}
      <IconButton size="small" label={texts.dismiss} place="top" onPress={() => forget(key)}>
        <X size={14} />
      </IconButton>
    </div>
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
