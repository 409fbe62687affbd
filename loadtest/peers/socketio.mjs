// The chat on Socket.IO with its Redis adapter, as its documentation would have it: rooms,
// acknowledgements, websocket transport only. `node socketio.mjs PORT REDIS_SOCKET`.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Server } from "socket.io";
import { Log } from "./log.mjs";

const [port, path] = process.argv.slice(2);
const log = new Log(path);
const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  serveClient: false,
  adapter: createAdapter(log.redis, log.redis.duplicate({ enableAutoPipelining: false })),
});

io.on("connection", (socket) => {
  const role = socket.handshake.auth.role === "rep" ? "rep" : "visitor";
  const who = { id: randomUUID(), name: socket.id };
  let page;

  socket.on("hello", (hello, answer) => {
    page = hello.page;
    answer({ type: "welcome", [role]: who });
  });

  socket.on("availability", ({ state }, answer) => {
    if (state === "available") socket.join("reps");
    else socket.leave("reps");
    answer({ type: "ok" });
  });

  socket.on("request", async (_, answer) => {
    const conversation = randomUUID();
    await log.begin(conversation, who.id);
    socket.join(conversation);
    answer({ type: "ok", conversation });
    const requested_at = new Date().toISOString();
    io.to("reps").emit("offer", { conversation, visitor: { id: who.id, page }, requested_at });
  });

  socket.on("claim", async ({ conversation }, answer) => {
    const winner = await log.claim(conversation, who.id);
    if (winner) {
      answer({ type: "error", code: "already_claimed", by: { id: winner, name: winner } });
      return;
    }
    socket.join(conversation);
    answer({ type: "ok", conversation, fence: 1 });
    socket.to(conversation).emit("claimed", { conversation, rep: who });
  });

  socket.on("message", async ({ conversation, client_id, text }, answer) => {
    if (!socket.rooms.has(conversation)) return answer({ type: "error", code: "not_yours" });
    const message = { conversation, from: role, client_id, text, at: new Date().toISOString() };
    const offset = await log.say(conversation, JSON.stringify(message));
    answer({ type: "ok", offset });
    socket.to(conversation).emit("message", { ...message, offset });
  });

  socket.on("close", async ({ conversation }, answer) => {
    if (!socket.rooms.has(conversation)) return answer({ type: "error", code: "not_yours" });
    await log.end(conversation);
    answer({ type: "ok", state: "closed" });
    io.to(conversation).emit("closed", { conversation, by: role });
    io.in(conversation).socketsLeave(conversation);
  });
});

http.listen(Number(port), "127.0.0.1", () => console.log("ready"));
process.on("SIGTERM", () => process.exit(0));
