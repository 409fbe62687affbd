-- include: desk, event, notify, rep, ring
-- offer: rings more reps of a waiting request: one who became eligible, a freed place, the next in
-- turn (RT-4, RT-6, PR-6). Nothing changes for those who ring already. Whoever offers to all may
-- end the wait: nobody rings, and nobody is merely at capacity. With `more` the wait begins anew, once (a transfer that
-- nobody took goes back to its rule).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 ring 6 reps 7 due
-- ARGV 1 epoch 2 conversation 3 node 4 rung at a time 5 more ms (0 = the wait stays)
--      6 may end the wait: 0 | 1 7.. reps
-- Returns ok(outcomes, ringing, expires, requested, extra, about) / gone
local conversation, node = ARGV[2], ARGV[3]
local c = redis.call('HMGET', KEYS[4], 'state', 'expires', 'extra', 'about', 'rnodes', 'at', 'rev',
  'why')
if c[1] ~= 'requested' then
  redis.call('ZREM', KEYS[7], 'decide:' .. conversation)
  return {'gone'}
end
local o = {ring = KEYS[5], reps = KEYS[6], inbox = KEYS[3], node = node, first = 7,
  limit = tonumber(ARGV[4]), conversation = conversation, requested = c[6], expires = c[2],
  extra = c[3], about = c[4]}
local more = tonumber(ARGV[5])
-- Another node was first: anew again would ring those who have declined since.
if more > 0 and c[8] == 'again' then return {'gone'} end
if more > 0 then o.expires, o.fresh = wall + more, true end
local outcomes, ringing, full, rung, by_node = ring_reps(o)
redis.call('ZREM', KEYS[7], 'decide:' .. conversation)
if more > 0 then
  redis.call('DEL', KEYS[5])
  redis.call('HSET', KEYS[4], 'expires', int(o.expires), 'why', 'again')
  redis.call('ZADD', KEYS[7], now + more, 'wait:' .. conversation)
end
if #rung > 0 then
  local rnodes = ring_commit(o, rung, by_node, c[5])
  redis.call('HSET', KEYS[4], 'rnodes', rnodes, 'rev', tonumber(c[7]) + 1)
  event(KEYS[2], 'offered', conversation, 'outcomes', table.concat(outcomes, ','))
elseif ARGV[6] == '1' and ringing == 0 and not full and not quiet then
  redis.call('ZADD', KEYS[7], now, 'wait:' .. conversation)
end
return {'ok', outcomes, ringing, o.expires, c[6], c[3], c[4]}
