import { describe, expect, it } from "vitest";

import { VisitorClient, type Unsent, type VisitorMemory } from "../../src/client/index.ts";
import type { Conversation, Message } from "../../src/protocol/index.ts";
import { AT, World, conversation, said, settled } from "./world.ts";

class Memory implements VisitorMemory {
  token = "";
  unsent: Unsent = { messages: [] };

  readToken = () => this.token;
  writeToken = (token: string) => void (this.token = token);
  conversation = "";
  readConversation = () => this.conversation;
  writeConversation = (id: string) => void (this.conversation = id);
  readUnsent = () => this.unsent;
  writeUnsent = (unsent: Unsent) => void (this.unsent = unsent);
}

function visitor(world: World, memory: VisitorMemory = new Memory()): VisitorClient {
  return new VisitorClient({ url: "ws://desk/v1/visitor", seams: world.seams, memory });
}

async function welcome(world: World, with_: object = {}): Promise<void> {
  await world.socket.open();
  const { id } = world.socket.last("hello");
  const desk = { state: "available", usual_seconds: 40 };
  const fields = { visitor: "v1", token: "t1", session: "s1", desk };
  await world.socket.push({ type: "welcome", id, ...fields, ...with_ });
}

async function chatting(world: World, entries = [said(1, "Hello.")], memory?: VisitorMemory) {
  const client = visitor(world, memory);
  await client.start();
  await welcome(world, { conversation: conversation(entries) });
  return client;
}

const texts = (client: VisitorClient) =>
  client.state.conversation?.entries.flatMap((each) =>
    each.type === "message" ? [each.text] : [],
  );

describe("a visitor", () => {
  it("keeps the token that it was given and shows it next time", async () => {
    const world = new World();
    const memory = new Memory();
    const client = visitor(world, memory);
    await client.start();
    await welcome(world);
    expect(memory.token).toBe("t1");
    await world.socket.lose();
    await world.pass(1_000);
    await world.socket.open();
    expect(world.socket.last("hello")["token"]).toBe("t1");
  });

  it("becomes a new visitor, once, when its token isn't taken any more", async () => {
    const world = new World();
    const memory = new Memory();
    memory.token = "old";
    await visitor(world, memory).start();
    await world.socket.open();
    await world.socket.lose(4501);
    await world.pass(10);
    await world.socket.open();
    expect(world.socket.last("hello")["token"]).toBe("");
    await world.socket.lose(4501);
    await world.pass(60_000);
    expect(world.sockets).toHaveLength(2);
  });

  it("waits for its turn on the first visit, so that two tabs are one visitor", async () => {
    const world = new World();
    const memory = new Memory();
    let release: (turn: { release(): void }) => void = () => undefined;
    const turn = new Promise<{ release(): void }>((resolve) => (release = resolve));
    const starting = visitor(world, Object.assign(memory, { first: () => turn })).start();
    await settled();
    expect(world.sockets).toHaveLength(0);
    memory.token = "from the other tab";
    let released = false;
    release({ release: () => (released = true) });
    await starting;
    expect(released).toBe(true);
    await world.socket.open();
    expect(world.socket.last("hello")["token"]).toBe("from the other tab");
  });

  it("asks for a person and gets a conversation", async () => {
    const world = new World();
    const client = visitor(world);
    await client.start();
    await welcome(world);
    client.request("Do you ship to Osaka?");
    await settled();
    expect(client.state.asking?.text).toBe("Do you ship to Osaka?");
    const { client_id } = world.socket.last("request");
    const entries = [said(1, "Do you ship to Osaka?", { from: "visitor", client_id } as never)];
    await world.socket.answer("request", {
      conversation: conversation(entries, { state: "requested" }),
    });
    expect(client.state.asking).toBeUndefined();
    expect(client.state.conversation?.state).toBe("requested");
    expect(world.socket.all("message")).toHaveLength(0);
  });

  it("asks again after a lost connection, with the same client id", async () => {
    const world = new World();
    const client = visitor(world);
    await client.start();
    await welcome(world);
    client.request("Hello?");
    await settled();
    const first = world.socket.last("request")["client_id"];
    await world.socket.lose();
    await world.pass(1_000);
    await welcome(world);
    expect(world.socket.last("request")["client_id"]).toBe(first);
  });

  it("sends its first words as a message when the conversation was open already", async () => {
    const world = new World();
    const client = visitor(world);
    await client.start();
    await welcome(world);
    client.request("Me again");
    await settled();
    await world.socket.answer("request", { conversation: conversation([said(1, "Hi")]) });
    expect(world.socket.last("message")).toMatchObject({ conversation: "c1", text: "Me again" });
  });

  it("counts its own acknowledged message as the entry at that offset", async () => {
    const world = new World();
    const client = await chatting(world);
    client.send("Good morning");
    await settled();
    expect(client.state.pending.map((each) => each.text)).toEqual(["Good morning"]);
    await world.socket.answer("message", { epoch: "e1", offset: 2, at: AT });
    expect(client.state.pending).toEqual([]);
    expect(texts(client)).toEqual(["Hello.", "Good morning"]);
  });

  it("has one message of a conversation in flight at a time, so that none overtakes", async () => {
    const world = new World();
    const client = await chatting(world);
    client.send("one");
    client.send("two");
    await settled();
    expect(world.socket.all("message")).toHaveLength(1);
    await world.socket.answer("message", { epoch: "e1", offset: 2, at: AT });
    expect(world.socket.last("message")["text"]).toBe("two");
  });

  it("sends an unacknowledged message again with the same client id", async () => {
    const world = new World();
    const client = await chatting(world);
    client.send("Are you there?");
    await settled();
    const { client_id } = world.socket.last("message");
    await world.socket.lose();
    await world.pass(1_000);
    await welcome(world, { conversation: conversation([]), recovered: { c1: true } });
    expect(world.socket.last("message")["client_id"]).toBe(client_id);
  });

  it("doesn't send again what the resumed log holds", async () => {
    const world = new World();
    const client = await chatting(world);
    client.send("Are you there?");
    await settled();
    const client_id = world.socket.last("message")["client_id"] as string;
    await world.socket.lose();
    await world.pass(1_000);
    const missed: Message = said(2, "Are you there?", { from: "visitor", client_id });
    const resumed: Conversation = { ...conversation([missed]) };
    await welcome(world, { conversation: resumed, recovered: { c1: true } });
    expect(world.socket.all("message")).toHaveLength(0);
    expect(client.state.pending).toEqual([]);
    expect(texts(client)).toEqual(["Hello.", "Are you there?"]);
  });

  it("resends an acknowledged message that a server lost within the minute", async () => {
    const world = new World();
    const client = await chatting(world);
    client.send("Remember me");
    await settled();
    const { client_id } = world.socket.last("message");
    await world.socket.answer("message", { epoch: "e1", offset: 2, at: AT });
    await world.socket.lose();
    await world.pass(2_000);
    const rolledBack = conversation([said(1, "Hello.")], { epoch: "e2" });
    await welcome(world, { conversation: rolledBack, recovered: { c1: false } });
    expect(world.socket.last("message")).toMatchObject({ client_id, text: "Remember me" });
  });

  it("forgets an acknowledged message after a minute", async () => {
    const world = new World();
    const client = await chatting(world);
    client.send("Long ago");
    await settled();
    await world.socket.answer("message", { epoch: "e1", offset: 2, at: AT });
    await world.pass(25_000);
    await world.socket.answer("ping");
    await world.pass(25_000);
    await world.socket.answer("ping");
    await world.pass(15_000);
    await world.socket.lose();
    await world.pass(1_000);
    await welcome(world, { conversation: conversation([said(1, "Hello.")]) });
    expect(world.socket.all("message")).toHaveLength(0);
  });

  it("keeps unsent words over a page change", async () => {
    const memory = new Memory();
    const world = new World();
    const first = await chatting(world, [said(1, "Hello.")], memory);
    first.send("on my way to the next page");
    await settled();
    const { client_id } = world.socket.last("message");
    const next = new World();
    await chatting(next, [said(1, "Hello.")], memory);
    expect(next.socket.last("message")["client_id"]).toBe(client_id);
  });

  it("shows a message that can't be sent as failed, and tries it again when told", async () => {
    const world = new World();
    const client = await chatting(world);
    client.send("too late");
    await settled();
    await world.socket.refuse("message", "closed");
    expect(client.state.pending[0]).toMatchObject({ state: "failed", code: "closed" });
    client.retry(client.state.pending[0]?.client_id ?? "");
    await settled();
    expect(world.socket.all("message")).toHaveLength(2);
  });

  it("waits and sends again when the server says later", async () => {
    const world = new World();
    const client = await chatting(world);
    client.send("patience");
    await settled();
    await world.socket.refuse("message", "retry", { retry: true });
    expect(client.state.pending[0]?.state).toBe("sending");
    await world.pass(1_000);
    expect(world.socket.all("message")).toHaveLength(2);
  });

  it("fills a gap by history before it shows what came after it", async () => {
    const world = new World();
    const client = await chatting(world);
    await world.socket.push(said(3, "three"));
    expect(client.state.behind).toBe(true);
    expect(texts(client)).toEqual(["Hello."]);
    expect(world.socket.last("history")).toMatchObject({ epoch: "e1", offset: 1 });
    await world.socket.push(said(4, "four"));
    await world.socket.answer("history", {
      entries: [said(2, "two"), said(3, "three")],
      recovered: true,
    });
    expect(texts(client)).toEqual(["Hello.", "two", "three", "four"]);
    expect(client.state.behind).toBe(false);
  });

  it("starts over when its position isn't valid any more", async () => {
    const world = new World();
    const client = await chatting(world);
    await world.socket.push(said(5, "five", { epoch: "e2" }));
    const fresh = conversation([said(1, "another truth", { epoch: "e2" })]);
    await world.socket.answer("history", { recovered: false, conversation: fresh });
    expect(texts(client)).toEqual(["another truth"]);
  });

  it("drops what it knows, also when it comes twice", async () => {
    const world = new World();
    const client = await chatting(world);
    const heard: string[] = [];
    client.on("message", (message) => heard.push(message.text));
    await world.socket.push(said(1, "Hello."), said(2, "two"), said(2, "two"));
    expect(texts(client)).toEqual(["Hello.", "two"]);
    expect(heard).toEqual(["two"]);
  });

  it("stops believing that a rep writes when nothing more comes", async () => {
    const world = new World();
    const client = await chatting(world);
    await world.socket.push({ type: "typing", conversation: "c1", who: "rep", on: true });
    expect(client.state.typing).toBe(true);
    await world.pass(9_500);
    expect(client.state.typing).toBe(false);
  });

  it("says that it is writing at most every three seconds, and once that it stopped", async () => {
    const world = new World();
    const client = await chatting(world);
    for (let key = 0; key < 10; key += 1) {
      client.typing(true);
      await world.pass(200);
    }
    expect(world.socket.all("typing").map((each) => each["on"])).toEqual([true]);
    await world.pass(7_000);
    expect(world.socket.all("typing").map((each) => each["on"])).toEqual([true, false]);
  });

  it("says each read mark once", async () => {
    const world = new World();
    const client = await chatting(world);
    client.read(1);
    client.read(1);
    await settled();
    expect(world.socket.all("read")).toHaveLength(1);
  });

  it("closes a conversation that was cancelled while it was being asked for", async () => {
    const world = new World();
    const client = visitor(world);
    await client.start();
    await welcome(world);
    client.request("");
    await settled();
    await client.close();
    await world.socket.answer("request", {
      conversation: conversation([], { state: "requested" }),
    });
    expect(world.socket.last("close")["conversation"]).toBe("c1");
  });

  it("tells what the page knows of it until the server has it", async () => {
    const world = new World();
    const client = visitor(world);
    client.identify({ email: "kim@acme.example" });
    await client.start();
    await welcome(world);
    expect(world.socket.last("identify")["fields"]).toEqual({ email: "kim@acme.example" });
    await world.socket.lose();
    await world.pass(1_000);
    await welcome(world);
    expect(world.socket.all("identify")).toHaveLength(1);
    await world.socket.answer("identify");
    await world.socket.lose();
    await world.pass(1_000);
    await welcome(world);
    expect(world.socket.all("identify")).toHaveLength(0);
  });

  it("tells without a bad token what the page itself knows", async () => {
    const world = new World();
    const client = visitor(world);
    await client.start();
    await welcome(world);
    client.identify({ plan: "pro" }, "a.b.c");
    await settled();
    expect(world.socket.last("identify")).toMatchObject({ fields: { plan: "pro" }, jwt: "a.b.c" });
    await world.socket.refuse("identify", "bad_identity");
    const again = world.socket.last("identify");
    expect(again).toMatchObject({ fields: { plan: "pro" } });
    expect(again).not.toHaveProperty("jwt");
    await world.socket.answer("identify");
    expect(world.socket.all("identify")).toHaveLength(2);
  });

  it("asks on the next page for the conversation that was shown, until it is dismissed", async () => {
    const memory = new Memory();
    const world = new World();
    const client = await chatting(world, [said(1, "Hello.")], memory);
    const next = new World();
    await chatting(next, [said(1, "Hello.")], memory);
    expect(next.socket.last("hello")["resume"]).toEqual({ c1: { epoch: "", offset: 0 } });
    const entry = { conversation: "c1", epoch: "e1", offset: 2, at: AT };
    await world.socket.push({ type: "closed", by: "rep", ...entry });
    client.dismiss();
    expect(memory.conversation).toBe("");
  });
});
