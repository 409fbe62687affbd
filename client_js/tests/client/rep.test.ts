import { describe, expect, it } from "vitest";

import { RepClient } from "../../src/client/index.ts";
import type { Conversation, Offer } from "../../src/protocol/index.ts";
import { AT, World, conversation, said, settled } from "./world.ts";

const ME = { id: "r1", name: "Ada" };
const held = (entries = [said(1, "Hi", { from: "visitor" })]): Conversation =>
  conversation(entries, { rep: ME, fence: 7 });
const offer: Offer = {
  type: "offer",
  conversation: "c1",
  visitor: { id: "v1" },
  reason: "All reps are rung",
  requested_at: AT,
  expires_at: AT,
};

async function signedIn(world: World, conversations: Conversation[] = [], offers: Offer[] = []) {
  const client = new RepClient({ url: "ws://desk/v1/rep", seams: world.seams });
  client.start();
  await welcome(world, conversations, offers);
  return client;
}

async function welcome(
  world: World,
  conversations: Conversation[],
  offers: Offer[] = [],
  recovered = {},
) {
  await world.socket.open();
  const { id } = world.socket.last("hello");
  const snapshot = { availability: "available", capacity: 3, offers, conversations, presence: [] };
  const fields = { rep: ME, role: "rep", device: "d1", snapshot, recovered };
  await world.socket.push({ type: "welcome", id, ...fields });
}

describe("a rep", () => {
  it("is rung, starts the conversation and holds it", async () => {
    const world = new World();
    const client = await signedIn(world);
    const rung: string[] = [];
    client.on("offer", (each) => rung.push(each.conversation));
    await world.socket.push(offer);
    expect(rung).toEqual(["c1"]);
    const claiming = client.claim("c1");
    await settled();
    await world.socket.answer("claim", { fence: 7, conversation: held() });
    expect(await claiming).toMatchObject({ won: true });
    expect(client.state.offers).toEqual([]);
    expect(client.state.conversations.map((one) => one.id)).toEqual(["c1"]);
  });

  it("learns who was faster", async () => {
    const world = new World();
    const client = await signedIn(world, [], [offer]);
    const claiming = client.claim("c1");
    await settled();
    const by = { id: "r2", name: "Mara" };
    await world.socket.refuse("claim", "already_claimed", { by, at: AT });
    expect(await claiming).toMatchObject({ won: false, code: "already_claimed", by, at: AT });
  });

  it("takes a message that comes in the same frame as the won claim", async () => {
    const world = new World();
    const client = await signedIn(world, [], [offer]);
    void client.claim("c1");
    await settled();
    const { id } = world.socket.last("claim");
    const next = said(2, "Quick one", { from: "visitor" });
    await world.socket.push({ type: "ok", id, fence: 7, conversation: held() }, next);
    expect(client.state.conversations[0]?.offset).toBe(2);
  });

  it("says its fence with each message, close and transfer", async () => {
    const world = new World();
    const client = await signedIn(world, [held()]);
    client.send("c1", "Hello");
    void client.close("c1").catch(() => null);
    void client.transfer("c1", { group: "g1" }).catch(() => null);
    await settled();
    for (const type of ["message", "close", "transfer"]) {
      expect(world.socket.last(type)["fence"]).toBe(7);
    }
  });

  it("keeps a conversation that ended, with the entry that ended it", async () => {
    const world = new World();
    const client = await signedIn(world, [held()]);
    const entry = { conversation: "c1", epoch: "e1", offset: 2, at: AT };
    await world.socket.push({ type: "closed", by: "visitor", ...entry });
    expect(client.state.conversations).toEqual([]);
    expect(client.state.ended[0]).toMatchObject({ id: "c1", state: "closed", offset: 2 });
    client.forget("c1");
    expect(client.state.ended).toEqual([]);
  });

  it("resumes each conversation from its position and joins what was missed", async () => {
    const world = new World();
    const client = await signedIn(world, [held()]);
    const heard: string[] = [];
    client.on("message", (message) => heard.push(message.text));
    await world.socket.lose();
    await world.pass(1_000);
    const missed = held([said(2, "Still there?", { from: "visitor" })]);
    await welcome(world, [missed], [], { c1: true });
    expect(world.socket.last("hello")["resume"]).toEqual({ c1: { epoch: "e1", offset: 1 } });
    expect(client.state.conversations[0]?.entries).toHaveLength(2);
    expect(heard).toEqual(["Still there?"]);
  });

  it("knows which conversation it can't see wholly", async () => {
    const world = new World();
    const client = await signedIn(world, [held()]);
    await world.socket.push({ type: "recovering", conversation: "c1", on: true });
    expect(client.state.behind).toEqual({ c1: true });
    await world.socket.push({ type: "recovering", conversation: "c1", on: false });
    expect(client.state.behind).toEqual({});
  });

  it("follows its own presence, as another device or the server changed it", async () => {
    const world = new World();
    const client = await signedIn(world);
    const presence = { availability: "away", online: true, load: 0, capacity: 4, cause: "idle" };
    await world.socket.push({ type: "presence", rep: ME, ...presence });
    expect(client.state).toMatchObject({ availability: "away", capacity: 4, cause: "idle" });
  });

  it("tells which ring ended, and why", async () => {
    const world = new World();
    const client = await signedIn(world, [], [offer]);
    const gone: unknown[] = [];
    client.on("offer_gone", (each) => gone.push([each.why, each.offer?.reason]));
    await world.socket.push({ type: "offer_gone", conversation: "c1", why: "claimed" });
    expect(gone).toEqual([["claimed", "All reps are rung"]]);
    expect(client.state.offers).toEqual([]);
  });
});
