-- include: desk, notify, log, rep, ring
-- request: a visitor asks for a person; the reps of the decision are rung in the same step.
-- none|missed -> requested (or at once missed, when nobody could come). CH-1, RT-4, RT-6.
-- KEYS 1 meta 2 ev 3 inbox 4 open 5 c 6 queue 7 due 8 ring 9 log 10 reps
-- ARGV 1 epoch 2 conversation 3 visitor 4 session 5 node 6 wait ms 7 rung at a time 8 about
--      9 extra 10 requested body 11 missed body 12 decision 13 message body ('' = none)
--      14 client id 15 gone ms 16 why 17.. reps in their order
-- Returns ok(state, offset, wall, expires, outcomes) / open / moved(conversation) / overloaded
local conversation, visitor, node = ARGV[2], ARGV[3], ARGV[5]
local open = redis.call('HGET', KEYS[4], visitor)
if open and open ~= conversation then return {'moved', open} end
local c = redis.call('HMGET', KEYS[5], 'state', 'off', 'nodes', 'vnodes', 'rev', 'visitor')
if c[1] and c[1] ~= 'missed' then return {'open', c[1]} end
if c[1] and c[6] ~= visitor then return {'forbidden'} end
-- Missed at once, and asked again because the answer was lost: its message is said once (CH-3).
local said = 'v:' .. visitor .. ' ' .. ARGV[14]
if ARGV[14] ~= '' and redis.call('HEXISTS', KEYS[5], said) == 1 then return {'open', c[1]} end
if pressure >= 75 then return {'overloaded'} end

local o = {ring = KEYS[8], reps = KEYS[10], inbox = KEYS[3], node = node, first = 17, fresh = true,
  limit = tonumber(ARGV[7]), conversation = conversation, requested = stamp, extra = ARGV[9],
  about = ARGV[8], expires = wall + tonumber(ARGV[6])}
local outcomes, ringing, full, rung, by_node = ring_reps(o)
local state = (ringing > 0 or full or quiet) and 'requested' or 'missed'
local offset = tonumber(c[2] or '0') + 1
local nodes, vnodes = with(c[3], node), with(c[4], node)

redis.call('DEL', KEYS[8])
local rnodes = ring_commit(o, rung, by_node, '')
append(KEYS[9], KEYS[2], conversation, offset, 'requested', 'server', '', ARGV[10],
  'visitor', visitor, 'session', ARGV[4], 'about', ARGV[8], 'why', ARGV[16], 'decision', ARGV[12],
  'outcomes', table.concat(outcomes, ','))
notify_entry(KEYS[3], nodes, node, conversation, offset, 'requested', ARGV[10])
if ARGV[13] ~= '' then
  offset = offset + 1
  append(KEYS[9], KEYS[2], conversation, offset, 'message', 'v:' .. visitor, ARGV[14], ARGV[13])
  if ARGV[14] ~= '' then
    redis.call('HSET', KEYS[5], said, int(offset) .. ' ' .. stamp .. ' ' .. epoch)
  end
  notify_entry(KEYS[3], nodes, node, conversation, offset, 'message', ARGV[13])
end
if state == 'requested' then
  redis.call('ZADD', KEYS[6], wall, conversation)
  redis.call('ZADD', KEYS[7], now + tonumber(ARGV[6]), 'wait:' .. conversation)
  redis.call('ZREM', KEYS[7], 'quiet:' .. conversation)
else
  offset = offset + 1
  append(KEYS[9], KEYS[2], conversation, offset, 'missed', 'server', '', ARGV[11])
  notify_entry(KEYS[3], nodes, node, conversation, offset, 'missed', ARGV[11])
  redis.call('ZADD', KEYS[7], now + tonumber(ARGV[15]), 'quiet:' .. conversation)
end
redis.call('HSET', KEYS[4], visitor, conversation)
redis.call('HSET', KEYS[5], 'state', state, 'visitor', visitor, 'session', ARGV[4], 'rep', '',
  'off', int(offset), 'rev', tonumber(c[5] or '0') + 1, 'nodes', nodes, 'vnodes', vnodes,
  'rnodes', rnodes, 'at', stamp, 'last', int(now), 'expires', int(o.expires), 'about', ARGV[8],
  'extra', ARGV[9], 'why', ARGV[16], 'timer', state == 'requested' and 'wait' or 'quiet')
return {'ok', state, offset, wall, o.expires, outcomes}
