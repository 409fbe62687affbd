/** What the code of a closed WebSocket asks of the client. */
import { CloseCode } from "./frames.ts";

export { CloseCode };

/** 4500–4999 are final: the same connection would be refused again. Anything else is worth a retry. */
export function mayReconnect(code: number): boolean {
  return code < 4500 || code > 4999;
}
