-- include: desk
-- release: the holder gives the conversation up or was lost: active -> requested, and the reps of
-- the new decision ring in the same step (CH-1, CH-4, CH-5). A lost one with nobody to ring is
-- missed; a transfer to nobody is refused and nothing changes. Asked again: `again`, and nothing
-- changes; who released it and how stands in `from`, `why` and `extra` until it is asked for anew.
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 ring 6 held 7 reps 8 queue 9 due 10 log 11 rot 12 silent
-- ARGV 1 epoch 2 conversation 3 holder 4 fence 5 node 6 wait ms 7 route 8 extra
--      9 requested body 10 missed body 11 decision 12 why 13 gone ms
--      14.. stages (ring.lua)
-- Returns ok(state, offset, wall, expires, outcomes, requested offset, about, again,
--           end of the card)
--         / fence / nobody / gone
local conversation, holder, node, why = ARGV[2], ARGV[3], ARGV[5], ARGV[12]
local c = redis.call('HMGET', KEYS[4], 'state', 'rep', 'fence', 'off', 'nodes', 'about', 'rev',
  'visitor', 'session', 'timer', 'from', 'extra', 'why')
if not c[1] or c[1] == 'closed' then return {'gone'} end
if c[1] ~= 'active' or c[2] ~= holder or c[3] ~= ARGV[4] then
  -- One claim later somebody else may have it by now.
  local later = c[1] == 'active' and c[2] ~= holder and 1 or 0
  local same = c[13] == why or (c[13] == 'again' and why == 'transfer')
  if c[2] == holder or c[11] ~= holder or c[12] ~= ARGV[8] or not same
    or tonumber(c[3]) ~= tonumber(ARGV[4]) + later then return {'fence'} end
  return {'ok', c[1], tonumber(c[4]), wall, 0, '', 0, c[6], 1, 0}
end
-- The one who was lost may have come back meanwhile.
if why == 'rep_lost' and c[10] ~= 'lost' then return {'gone'} end
-- include: notify, log, rep, ring
local wait = tonumber(ARGV[6])
local o = {ring = KEYS[5], reps = KEYS[7], rot = KEYS[11], inbox = KEYS[3], node = node, first = 14,
  stage = 0, known = {}, ringing = 0, conversation = conversation, requested = stamp,
  extra = ARGV[8], about = c[6], expires = wall + wait, shown = wall + wait}
ring_stages(o)
if o.ringing == 0 and not o.full and why == 'transfer' then return {'nobody'} end
local state = (o.ringing > 0 or o.full or quiet) and 'requested' or 'missed'
local offset = tonumber(c[4]) + 1

local before = redis.call('HKEYS', KEYS[5])
local rnodes, card = '', ''
if o.ringing > 0 and o.ring_ms > 0 and o.ring_ms < wait then
  o.shown = wall + o.ring_ms
  card = int(o.shown)
  redis.call('ZADD', KEYS[9], now + o.ring_ms, 'ring:' .. conversation)
end
if #o.rung > 0 then rnodes = ring_commit(o, '') end
ring_anew(o, before)
local load, freed = redis.call('SCARD', KEYS[6]), redis.call('SREM', KEYS[6], conversation)
if freed == 0 then redis.call('HDEL', KEYS[12], conversation) end
append(KEYS[10], KEYS[2], conversation, offset, 'requested', 'r:' .. holder, '', ARGV[9],
  'visitor', c[8], 'session', c[9], 'why', why, 'from', holder, 'decision', ARGV[11],
  'outcomes', table.concat(o.outcomes, ','))
local rep = rep_read(redis.call('HGET', KEYS[7], holder))
local all = c[5] .. ' ' .. (rep and rep_nodes(rep) or '')
notify_entry(KEYS[3], all, node, conversation, offset, 'requested', ARGV[9], holder .. ' ' .. why)
local first = offset
if state == 'requested' then
  redis.call('ZADD', KEYS[8], wall, conversation)
  redis.call('ZADD', KEYS[9], now + wait, 'wait:' .. conversation)
  -- Nobody is there who might only not be back yet: it is decided again when they would be.
  if o.ringing == 0 and not o.full then
    redis.call('ZADD', KEYS[9], head[4], 'decide:' .. conversation)
  end
  redis.call('ZREM', KEYS[9], 'quiet:' .. conversation)
else
  offset = offset + 1
  append(KEYS[10], KEYS[2], conversation, offset, 'missed', 'server', '', ARGV[10],
    'why', 'nobody')
  notify_entry(KEYS[3], c[5], node, conversation, offset, 'missed', ARGV[10])
  redis.call('ZADD', KEYS[9], now + tonumber(ARGV[13]), 'quiet:' .. conversation)
end
redis.call('ZREM', KEYS[9], 'lost:' .. conversation, 'silent:' .. conversation)
redis.call('HSET', KEYS[4], 'state', state, 'rep', '', 'off', int(offset), 'rnodes', rnodes,
  'rev', tonumber(c[7]) + 1, 'at', stamp, 'last', int(now), 'expires', int(o.expires), 'extra', ARGV[8],
  'why', why, 'from', holder, 'timer', state == 'requested' and 'wait' or 'quiet', 'route', ARGV[7],
  'stage', o.rank or 0, 'until', card, 'late', '', 'over', o.over)
rep_load(KEYS[7], load - freed, holder, KEYS[9], KEYS[8])
return {'ok', state, offset, wall, o.expires, table.concat(o.outcomes, ','), first, c[6], 0, o.shown}
