import { describe, expect, it } from "vitest";

import { type Connection, Disconnected, Refused, Socket, backoff } from "../../src/client/index.ts";
import { World, settled } from "./world.ts";

function connected(world: World) {
  const connections: Connection[] = [];
  const messages: object[] = [];
  const socket = new Socket({
    url: "ws://desk/v1/rep",
    seams: world.seams,
    hello: () => ({ type: "hello" }),
    onWelcome: () => undefined,
    onMessage: (message) => messages.push(message),
    onConnection: (connection) => connections.push(connection),
  });
  return { socket, connections, messages };
}

async function online(world: World) {
  const it = connected(world);
  it.socket.start();
  await world.socket.open();
  await world.socket.push({ type: "welcome", id: world.socket.last("hello").id });
  expect(it.socket.connection.state).toBe("online");
  return it;
}

describe("a socket", () => {
  it("says hello first and is online when it is welcomed", async () => {
    const world = new World();
    const { connections } = await online(world);
    expect(connections.map((each) => each.state)).toEqual(["connecting", "online"]);
    expect(world.socket.sent[0]).toMatchObject({ type: "hello" });
  });

  it("puts what is said in one turn into one frame", async () => {
    const world = new World();
    const { socket } = await online(world);
    socket.tell({ type: "read", conversation: "c1", offset: 1 });
    socket.tell({ type: "typing", conversation: "c1", on: true });
    await settled();
    expect(world.socket.frames.at(-1)).toHaveLength(2);
  });

  it("splits a turn's messages before a frame becomes too big", async () => {
    const world = new World();
    const { socket } = await online(world);
    const text = "x".repeat(3_000);
    for (const client_id of ["a", "b"]) {
      void socket.ask({ type: "message", conversation: "c1", client_id, text }).catch(() => null);
    }
    await settled();
    expect(world.socket.frames.slice(-2).map((frame) => frame.length)).toEqual([1, 1]);
  });

  it("takes several messages of one frame in their order, the answer before what follows it", async () => {
    const world = new World();
    const { socket, messages } = await online(world);
    const order: string[] = [];
    const asked = socket.ask({ type: "claim", conversation: "c1" }, () => {
      order.push(`answer, then ${messages.length} pushes`);
    });
    await settled();
    const { id } = world.socket.last("claim");
    await world.socket.push({ type: "ok", id }, { type: "desk" }, { type: "alert" });
    await asked;
    expect(order).toEqual(["answer, then 0 pushes"]);
    expect(messages).toHaveLength(2);
  });

  it("rejects a refused request with its code", async () => {
    const world = new World();
    const { socket } = await online(world);
    const asked = socket.ask({ type: "claim", conversation: "c1" });
    await settled();
    const by = { id: "r2", name: "Mara" };
    const refused = expect(asked).rejects.toMatchObject({
      code: "already_claimed",
      answer: { by },
    });
    await world.socket.refuse("claim", "already_claimed", { by });
    await refused;
    await expect(asked).rejects.toBeInstanceOf(Refused);
  });

  it("tries again soon after a loss, later after each further one, with jitter", async () => {
    const world = new World();
    const { socket } = await online(world);
    await world.socket.lose();
    expect(socket.connection.state).toBe("waiting");
    await world.pass(600);
    expect(world.sockets).toHaveLength(2);
    const steps = [1, 2, 3, 4, 8, 12, 99].map((attempt) => backoff(attempt, () => 1));
    expect(steps).toEqual([250, 425, 722, 1228, 10_258, 30_000, 30_000]);
    expect(backoff(1, () => 0)).toBe(125);
  });

  it("rejects what waits for an answer when the connection is lost", async () => {
    const world = new World();
    const { socket } = await online(world);
    const asked = socket.ask({ type: "claim", conversation: "c1" });
    const rejected = expect(asked).rejects.toBeInstanceOf(Disconnected);
    await world.socket.lose();
    await rejected;
    await expect(socket.ask({ type: "ping" })).rejects.toBeInstanceOf(Disconnected);
  });

  it("notices a server that went silent", async () => {
    const world = new World();
    const { socket } = await online(world);
    await world.pass(30_000);
    expect(world.socket.all("ping")).toHaveLength(1);
    await world.pass(11_000);
    expect(world.sockets[0]?.isClosed).toBe(true);
    expect(socket.connection.state).not.toBe("online");
  });

  it("stays while the server answers its pings", async () => {
    const world = new World();
    await online(world);
    for (let minute = 0; minute < 6; minute += 1) {
      await world.pass(26_000);
      await world.socket.answer("ping");
    }
    expect(world.sockets).toHaveLength(1);
  });

  it("looks at once, and within three seconds, when the page comes back", async () => {
    const world = new World();
    const { socket } = await online(world);
    socket.check();
    await settled();
    expect(world.socket.all("ping")).toHaveLength(1);
    await world.pass(3_500);
    expect(world.sockets).toHaveLength(2);
  });

  it("moves when the server says that it stops, at the time it was given", async () => {
    const world = new World();
    await online(world);
    await world.socket.push({ type: "reconnect", after_ms: 4_000 });
    await world.pass(3_900);
    expect(world.sockets).toHaveLength(1);
    await world.pass(200);
    expect(world.sockets).toHaveLength(2);
  });

  it("waits until that time when the stopping server closes earlier", async () => {
    const world = new World();
    await online(world);
    await world.socket.push({ type: "reconnect", after_ms: 4_000 });
    await world.socket.lose(4001);
    await world.pass(3_900);
    expect(world.sockets).toHaveLength(1);
    await world.pass(200);
    expect(world.sockets).toHaveLength(2);
  });

  it("stays away after a close code that says so, until it is started again", async () => {
    const world = new World();
    const { socket } = await online(world);
    await world.socket.lose(4506);
    expect(socket.connection).toMatchObject({ state: "stopped", code: 4506 });
    await world.pass(120_000);
    expect(world.sockets).toHaveLength(1);
    socket.start();
    expect(world.sockets).toHaveLength(2);
  });

  it("gives up on a connection that is never welcomed", async () => {
    const world = new World();
    const { socket } = connected(world);
    socket.start();
    await world.pass(10_100);
    expect(socket.connection.state).toBe("waiting");
  });

  it("treats a broken frame as a lost connection", async () => {
    const world = new World();
    const { socket } = await online(world);
    world.socket.onmessage?.({ data: "{" });
    expect(socket.connection.state).toBe("waiting");
  });

  it("treats a connection that the browser forbids as a lost one", () => {
    const world = new World();
    world.seams.connect = () => {
      throw new Error("blocked by the page's policy");
    };
    const { socket } = connected(world);
    socket.start();
    expect(socket.connection.state).toBe("waiting");
  });

  it("tries again when its hello is refused and nothing follows", async () => {
    const world = new World();
    const { socket } = connected(world);
    socket.start();
    await world.socket.open();
    await world.socket.refuse("hello", "internal");
    await world.pass(1_100);
    expect(socket.connection.state).toBe("waiting");
  });

  it("tries again when a sleeping page said hello too late", async () => {
    const world = new World();
    const { socket } = await online(world);
    await world.socket.lose(4504);
    expect(socket.connection.state).toBe("waiting");
  });
});
