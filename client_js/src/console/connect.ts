import { RepClient, watchPage } from "../client/index.ts";
import { DeskLive } from "./live/desk-live";
import { IdleWatch } from "./live/idle";
import type { Live } from "./live/live";

/** Opens this tab's socket, named `device`; the sign-in cookie says who it is. */
export function connectAs(device: string): () => [Live, () => void] {
  return () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const client = new RepClient({ url: `${scheme}://${location.host}/v1/rep`, device });
    const live = new DeskLive(client);
    const unwatch = watchPage(client);
    const idle = new IdleWatch((idle) => client.idle(idle));
    client.on("welcome", ({ idle_minutes }) => {
      idle.again();
      idle.set(idle_minutes ?? 0);
    });
    client.start();
    const stop = () => {
      unwatch();
      idle.stop();
      client.stop();
    };
    return [live, stop];
  };
}
