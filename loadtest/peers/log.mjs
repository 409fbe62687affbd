// What both peers keep in Redis: a hash and a numbered log for each conversation.
import { Redis } from "ioredis";

const KEPT = 86_400; // seconds after the close

// Who claims first holds it; everybody else is told who does.
const CLAIM = `
if redis.call('HSETNX', KEYS[1], 'rep', ARGV[1]) == 0 then
  return redis.call('HGET', KEYS[1], 'rep')
end
redis.call('HSET', KEYS[1], 'rep_node', ARGV[2])
if ARGV[3] ~= '' then redis.call('PUBLISH', 'all', ARGV[3]) end
return false`;

// Numbers and logs a body; publishes it where the other side is on another node than the sender.
const SAY = `
local offset = redis.call('HINCRBY', KEYS[1], 'offset', 1)
redis.call('XADD', KEYS[2], offset .. '-0', 'body', ARGV[1])
if ARGV[2] ~= '' then
  local node = redis.call('HGET', KEYS[1], ARGV[3])
  if node and node ~= ARGV[2] then
    redis.call('PUBLISH', 'node:' .. node, '{"offset":' .. offset .. ',' .. string.sub(ARGV[1], 2))
  end
end
return offset`;

export class Log {
  constructor(path, node = "") {
    this.node = node;
    this.redis = new Redis({ path, enableAutoPipelining: true });
    this.redis.defineCommand("claim", { numberOfKeys: 1, lua: CLAIM });
    this.redis.defineCommand("say", { numberOfKeys: 2, lua: SAY });
  }

  begin(id, visitor) {
    return this.redis.hset(`conversation:${id}`, {
      visitor,
      visitor_node: this.node,
      requested_at: Date.now(),
    });
  }

  /** null to the winner, the winner's id to everybody else; `news` is published by the winner. */
  claim(id, rep, news = "") {
    return this.redis.claim(`conversation:${id}`, rep, this.node, news);
  }

  /** The offset. With a node, the body goes to the other's (`to`: visitor_node or rep_node). */
  say(id, body, to = "") {
    return this.redis.say(`conversation:${id}`, `log:${id}`, body, this.node, to);
  }

  end(id) {
    return Promise.all([
      this.redis.hset(`conversation:${id}`, "state", "closed"),
      this.redis.expire(`conversation:${id}`, KEPT),
      this.redis.expire(`log:${id}`, KEPT),
    ]);
  }
}
