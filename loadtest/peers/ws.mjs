// The chat on bare ws and ioredis, by hand: `node ws.mjs PORT REDIS_SOCKET`. No authentication,
// presence, leases or timers; processes talk over Redis pub/sub.
import { randomUUID } from "node:crypto";
import { WebSocketServer } from "ws";
import { Log } from "./log.mjs";

const [port, path] = process.argv.slice(2);
const me = randomUUID();
const log = new Log(path, me);
const reps = new Set(); // available ones of this process
const conversations = new Map(); // id → { visitor?, rep?, asked, by? }; sockets of this process only

const send = (socket, message) => socket?.send(JSON.stringify(message));
const sendAll = (sockets, message) => {
  const frame = Buffer.from(JSON.stringify(message)); // encoded once for all
  for (const socket of sockets) socket.send(frame, { binary: false });
};
const ok = (socket, id, more) => send(socket, { type: "ok", id, ...more });
const refuse = (socket, id, code, more) => send(socket, { type: "error", id, code, ...more });
const publish = (message) => log.redis.publish("all", JSON.stringify({ ...message, node: me }));

// --- what happened, here or on another process

const happened = {
  offer({ offer }) {
    const held = conversations.get(offer.conversation) ?? { asked: new Set() };
    conversations.set(offer.conversation, held);
    sendAll(reps, offer);
  },
  claimed({ conversation, rep }) {
    const held = conversations.get(conversation);
    if (!held) return;
    held.by = rep;
    send(held.visitor, { type: "claimed", conversation, rep });
    const others = [...reps].filter((one) => !held.asked.has(one) && one !== held.rep);
    if (others.length)
      sendAll(others, { type: "offer_gone", conversation, why: "claimed", by: rep });
  },
  closed({ conversation, by }) {
    const held = conversations.get(conversation);
    conversations.delete(conversation);
    const frame = { type: "closed", conversation, by };
    send(held?.visitor, frame);
    send(held?.rep, frame);
  },
};

const inbox = log.redis.duplicate({ enableAutoPipelining: false });
await inbox.subscribe("all", `node:${me}`);
inbox.on("message", (channel, text) => {
  const message = JSON.parse(text);
  if (channel === "all") {
    if (message.node !== me) happened[message.what](message);
  } else {
    const held = conversations.get(message.conversation);
    (message.from === "visitor" ? held?.rep : held?.visitor)?.send(text);
  }
});

// --- what a client asks

const asked = {
  hello(socket, { id, page }) {
    socket.page = page;
    const who = { id: socket.person, name: socket.person };
    send(socket, { type: "welcome", id, [socket.role]: who });
  },

  availability(socket, { id, state }) {
    if (state === "available") reps.add(socket);
    else reps.delete(socket);
    ok(socket, id);
  },

  async request(socket, { id }) {
    const conversation = randomUUID();
    conversations.set(conversation, { visitor: socket, asked: new Set() });
    const offer = {
      type: "offer",
      conversation,
      visitor: { id: socket.person, page: socket.page },
      requested_at: new Date().toISOString(),
    };
    const begun = log.begin(conversation, socket.person);
    publish({ what: "offer", offer }); // leaves in the same write, after it
    await begun;
    ok(socket, id, { conversation });
    happened.offer({ offer });
  },

  async claim(socket, { id, conversation }) {
    const held = conversations.get(conversation);
    held?.asked.add(socket);
    const rep = { id: socket.person, name: socket.person };
    const news = { what: "claimed", conversation, rep, node: me };
    const winner =
      held?.by?.id ?? (await log.claim(conversation, socket.person, JSON.stringify(news)));
    if (winner) {
      refuse(socket, id, "already_claimed", { by: { id: winner, name: winner } });
      return;
    }
    held.rep = socket;
    ok(socket, id, { conversation, fence: 1 });
    happened.claimed(news);
  },

  async message(socket, { id, conversation, client_id, text }) {
    const held = conversations.get(conversation);
    if (held?.[socket.role] !== socket) return refuse(socket, id, "not_yours");
    const from = socket.role;
    const at = new Date().toISOString();
    const body = JSON.stringify({ type: "message", conversation, from, client_id, text, at });
    const to = from === "visitor" ? "rep" : "visitor";
    const offset = await log.say(conversation, body, `${to}_node`);
    ok(socket, id, { offset });
    held[to]?.send(`{"offset":${offset},${body.slice(1)}`);
  },

  async close(socket, { id, conversation }) {
    const held = conversations.get(conversation);
    if (held?.[socket.role] !== socket) return refuse(socket, id, "not_yours");
    const ended = log.end(conversation);
    publish({ what: "closed", conversation, by: socket.role });
    await ended;
    ok(socket, id, { state: "closed" });
    happened.closed({ conversation, by: socket.role });
  },
};

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(port) }, () => {
  console.log("ready");
});
server.on("connection", (socket, request) => {
  socket.role = request.url === "/v1/rep" ? "rep" : "visitor";
  socket.person = randomUUID();
  socket.on("close", () => reps.delete(socket));
  socket.on("message", (data) => {
    const message = JSON.parse(data);
    asked[message.type](socket, message);
  });
});
process.on("SIGTERM", () => process.exit(0));
