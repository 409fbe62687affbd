-- A connection's first script: tells the epoch of this Redis, or begins a new one (R1.1, R1.2).
-- The epoch belongs to an incarnation of the server. Another incarnation than the stored one gets
-- the caller's nonce as its epoch, and a quiet time in which nobody is declared missing: after a
-- restart or a failover every node, device and rep looks gone until it has come back.
-- Of several callers at once the first one's nonce counts.
-- KEYS: 1 meta
-- ARGV: 1 inc (run_id:master_replid of this server), 2 nonce (128 random bits, 22 characters)
-- Returns: {'ok', epoch}
local QUIET = 10000 -- ms
local head = redis.call('HMGET', KEYS[1], 'inc', 'epoch', 'last', 'now')
local inc, epoch, last, now = head[1], head[2], tonumber(head[3] or ''), tonumber(head[4] or '')
if epoch and inc == ARGV[1] then return {'ok', epoch} end
local time = redis.call('TIME')
local wall = time[1] * 1000 + math.floor(time[2] / 1000)
-- The desk clock goes on from where it stood, at most 2 s further: an outage expires nothing.
if last and now then
  now = now + math.max(0, math.min(2000, wall - last))
else
  now = wall
end
redis.call('HSET', KEYS[1], 'inc', ARGV[1], 'epoch', ARGV[2],
  'last', string.format('%.0f', wall), 'now', string.format('%.0f', now),
  'quiet_until', string.format('%.0f', now + QUIET))
redis.call('HSETNX', KEYS[1], 'schema', '1')
return {'ok', ARGV[2]}
