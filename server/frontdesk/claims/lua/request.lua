-- include: desk
-- request: a visitor asks for a person; the reps of the decision are rung in the same step.
-- none|missed -> requested (or at once missed, when nobody could come). CH-1, RT-4, RT-6.
-- KEYS 1 meta 2 ev 3 inbox 4 open 5 c 6 queue 7 due 8 ring 9 log 10 reps 11 rot
-- ARGV 1 epoch 2 conversation 3 visitor 4 session 5 node 6 wait ms 7 route 8 about
--      9 extra 10 requested body 11 missed body 12 decision 13 message body ('' = none)
--      14 client id 15 gone ms 16 why 17.. stages (ring.lua)
-- Returns ok(state, offset, wall, expires, outcomes, end of the card) / open / moved(conversation)
--         / overloaded / forbidden
local conversation, visitor, node = ARGV[2], ARGV[3], ARGV[5]
local open = redis.call('HGET', KEYS[4], visitor)
if open and open ~= conversation then return {'moved', open} end
local said = 'v:' .. visitor .. ' ' .. ARGV[14]
local c = redis.call('HMGET', KEYS[5], 'state', 'off', 'nodes', 'vnodes', 'rev', 'visitor', said)
local before = c[1]
if before and before ~= 'missed' then return {'open', before} end
if before and c[6] ~= visitor then return {'forbidden'} end
-- Missed at once, and asked again because the answer was lost: its message is said once (CH-3).
if c[7] then return {'open', before} end
if pressure >= 75 then return {'overloaded'} end

-- include: notify, log, ring
local wait = tonumber(ARGV[6])
local o = {ring = KEYS[8], reps = KEYS[10], rot = KEYS[11], inbox = KEYS[3], node = node,
  first = 17, stage = 0, known = {}, ringing = 0, conversation = conversation, requested = stamp,
  extra = ARGV[9], about = ARGV[8]}
ring_stages(o)
local state = (o.ringing > 0 or o.full or quiet) and 'requested' or 'missed'
local offset, expires = tonumber(c[2] or '0') + 1, wall + wait
local nodes, vnodes, rnodes, rang = node, node, '', nil

if before then -- what is left of the time before, once and for all
  nodes, vnodes = with(c[3], node), with(c[4], node)
  rang = redis.call('HKEYS', KEYS[8])
  redis.call('HSET', KEYS[5], 'until', '', 'late', '', 'over', '')
end
o.shown = expires
if #o.rung > 0 then
  if o.ring_ms > 0 and o.ring_ms < wait then
    o.shown = wall + o.ring_ms
    redis.call('HSET', KEYS[5], 'until', int(o.shown))
    redis.call('ZADD', KEYS[7], now + o.ring_ms, 'ring:' .. conversation)
  end
  if o.over ~= '' then redis.call('HSET', KEYS[5], 'over', o.over) end
  rnodes = ring_commit(o, '')
end
if rang then ring_anew(o, rang) end
append(KEYS[9], KEYS[2], conversation, offset, 'requested', 'server', '', ARGV[10],
  'visitor', visitor, 'session', ARGV[4], 'about', ARGV[8], 'why', ARGV[16], 'decision', ARGV[12],
  'outcomes', table.concat(o.outcomes, ','))
notify_entry(KEYS[3], nodes, node, conversation, offset, 'requested', ARGV[10])
local field, value = 'why', ARGV[16]
if ARGV[13] ~= '' then
  offset = offset + 1
  append(KEYS[9], KEYS[2], conversation, offset, 'message', 'v:' .. visitor, ARGV[14], ARGV[13])
  if ARGV[14] ~= '' then
    field, value = said, int(offset) .. ' ' .. stamp .. ' ' .. epoch
  end
  notify_entry(KEYS[3], nodes, node, conversation, offset, 'message', ARGV[13])
end
local timer = 'wait'
if state == 'requested' then
  redis.call('ZADD', KEYS[6], stamp, conversation)
  redis.call('ZADD', KEYS[7], int(now + wait), 'wait:' .. conversation)
  -- Nobody is there who might only not be back yet: it is decided again when they would be.
  if o.ringing == 0 and not o.full then
    redis.call('ZADD', KEYS[7], head[4], 'decide:' .. conversation)
  end
  if before then redis.call('ZREM', KEYS[7], 'quiet:' .. conversation) end
else
  offset, timer = offset + 1, 'quiet'
  append(KEYS[9], KEYS[2], conversation, offset, 'missed', 'server', '', ARGV[11],
    'why', 'nobody')
  notify_entry(KEYS[3], nodes, node, conversation, offset, 'missed', ARGV[11])
  redis.call('ZADD', KEYS[7], now + tonumber(ARGV[15]), 'quiet:' .. conversation)
end
redis.call('HSET', KEYS[4], visitor, conversation)
-- One field for what was said, or one that is there anyway.
redis.call('HSET', KEYS[5], 'state', state, 'visitor', visitor, 'session', ARGV[4], 'rep', '',
  'off', int(offset), 'rev', int((c[5] or 0) + 1), 'nodes', nodes, 'vnodes', vnodes,
  'rnodes', rnodes, 'at', stamp, 'last', int(now), 'expires', int(expires), 'about', ARGV[8],
  'extra', ARGV[9], 'why', ARGV[16], 'timer', timer, 'route', ARGV[7], 'stage', o.rank or 0,
  field, value)
return {'ok', state, offset, wall, expires, table.concat(o.outcomes, ','), o.shown}
