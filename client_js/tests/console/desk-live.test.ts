import { describe, expect, it } from "vitest";

import { RepClient } from "../../src/client/index.ts";
import { DeskLive } from "../../src/console/live/desk-live";
import type { Conversation, Offer } from "../../src/protocol/index.ts";
import { conversation, said, settled, World } from "../client/world.ts";

const ME = { id: "r1", name: "Ada" };
const MARA = { id: "r2", name: "Mara" };
const at = (ms: number) => new Date(ms).toISOString();
const held = (id = "c1"): Conversation =>
  conversation([said(1, "Hi", { from: "visitor", conversation: id })], {
    id,
    rep: ME,
    fence: 7,
    read: { visitor: 0, rep: 0 },
  });

const offer = (world: World): Offer => ({
  type: "offer",
  conversation: "c1",
  visitor: { id: "v1" },
  reason: "First available",
  requested_at: at(world.clock),
  expires_at: at(world.clock + 30_000),
});

async function desk(conversations: Conversation[] = []) {
  const world = new World();
  const client = new RepClient({ url: "ws://desk/v1/rep", seams: world.seams });
  const live = new DeskLive(client, () => world.clock);
  client.start();
  await welcome(world, conversations);
  return { world, client, live };
}

async function welcome(world: World, conversations: Conversation[]) {
  await world.socket.open();
  const { id } = world.socket.last("hello");
  const snapshot = {
    availability: "available",
    capacity: 3,
    offers: [],
    conversations,
    presence: [],
  };
  const server_time = at(world.clock);
  await world.socket.push({
    type: "welcome",
    id,
    rep: ME,
    role: "rep",
    device: "d",
    snapshot,
    server_time,
  });
}

describe("a lost ring", () => {
  it("says how much earlier the winner was", async () => {
    const { world, live } = await desk();
    await world.socket.push(offer(world));
    const claiming = live.claim("c1");
    expect(live.state().rings[0]?.starting).toBe(true);
    await settled();
    await world.socket.refuse("claim", "already_claimed", { by: MARA, at: at(world.clock - 300) });
    expect(await claiming).toBe(false);
    expect(live.state().rings[0]?.ended).toEqual({ why: "claimed", by: MARA, leadMs: 300 });
    expect(live.state().rings[0]?.starting).toBe(false);
  });

  it("stays until its card has faded", async () => {
    const { world, live } = await desk();
    await world.socket.push(offer(world));
    await world.socket.push({ type: "offer_gone", conversation: "c1", why: "claimed", by: MARA });
    expect(live.state().rings[0]?.ended?.by).toEqual(MARA);
    live.forgetRing("c1");
    expect(live.state().rings).toEqual([]);
  });

  it("that this rep started in another tab leaves without words", async () => {
    const { world, live } = await desk();
    await world.socket.push(offer(world));
    await world.socket.push({ type: "offer_gone", conversation: "c1", why: "claimed", by: ME });
    expect(live.state().rings).toEqual([]);
  });

  it("at the limit keeps ringing and tells the caller", async () => {
    const { world, live } = await desk();
    await world.socket.push(offer(world));
    const claiming = live.claim("c1");
    const refused = expect(claiming).rejects.toMatchObject({ code: "at_capacity" });
    await settled();
    await world.socket.refuse("claim", "at_capacity");
    await refused;
    expect(live.state().rings[0]).toMatchObject({ ended: null, starting: false });
  });
});

describe("a won ring", () => {
  it("becomes a chat", async () => {
    const { world, live } = await desk();
    await world.socket.push(offer(world));
    const claiming = live.claim("c1");
    await settled();
    await world.socket.answer("claim", { fence: 7, conversation: held() });
    await claiming;
    expect(live.state().rings).toEqual([]);
    expect(live.state().chats.map((chat) => chat.conversation.id)).toEqual(["c1"]);
  });
});

describe("chats", () => {
  it("keep their places when one gets a message", async () => {
    const { world, live } = await desk([held("c1"), { ...held("c2"), at: at(5000) }]);
    const before = live.state().chats.map((chat) => chat.conversation.id);
    await world.socket.push(said(2, "More", { from: "visitor", conversation: before[1] ?? "" }));
    expect(live.state().chats.map((chat) => chat.conversation.id)).toEqual(before);
  });

  it("that nothing happened in stay the same object", async () => {
    const { world, live } = await desk([held("c1"), { ...held("c2"), at: at(5000) }]);
    const first = live.state().chats[0];
    const other = live.state().chats[1]?.conversation.id ?? "";
    await world.socket.push(said(2, "More", { from: "visitor", conversation: other }));
    expect(live.state().chats[0]).toBe(first);
  });

  it("are read at once in the tab that read them", async () => {
    const { world, live } = await desk([held()]);
    live.read("c1", 1);
    expect(live.state().chats[0]?.conversation.read?.rep).toBe(1);
    await settled();
    expect(world.socket.last("read")).toMatchObject({ conversation: "c1", offset: 1 });
  });

  it("say that they are behind while the server is (CH-6)", async () => {
    const { world, live } = await desk([held()]);
    await world.socket.push({ type: "recovering", conversation: "c1", on: true });
    expect(live.state().chats[0]?.behind).not.toBeNull();
    await world.socket.push({ type: "recovering", conversation: "c1", on: false });
    expect(live.state().chats[0]?.behind).toBeNull();
  });

  it("that were handed over stay readable until dismissed", async () => {
    const { world, live } = await desk([held()]);
    await world.socket.push({ type: "released", conversation: "c1", why: "transferred" });
    expect(live.state().chats[0]).toMatchObject({ over: "transferred" });
    live.dismiss("c1");
    expect(live.state().chats).toEqual([]);
  });
});

describe("the link", () => {
  it("that was lost says when it is tried again", async () => {
    const { world, live } = await desk();
    expect(live.state().link).toEqual({ phase: "online" });
    await world.socket.lose();
    expect(live.state().link.phase).toBe("waiting");
  });

  it.each([
    [4505, "elsewhere"],
    [4506, "signed_out"],
    [4502, "refused"],
  ])("that was closed with %i says why: %s", async (code, why) => {
    const { world, live } = await desk();
    await world.socket.lose(code);
    expect(live.state().link).toEqual({ phase: "stopped", why });
  });
});
