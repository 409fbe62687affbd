-- include: desk
-- close: the end, by the visitor, the holder, or the server (CH-1). Asked again: the same answer.
-- KEYS[6] is the held set of the rep the caller believes to hold it (ARGV[9]).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 log 6 held 7 open 8 queue 9 due 10 ring 11 reps 12 silent
-- ARGV 1 epoch 2 conversation 3 side: v | r | s 4 who 5 node 6 fence 7 why 8 body 9 holder
--      10 why and 11 body, if it was still waiting and these are others then
-- Returns ok(offset, wall, again, reps whose ring ended, asked to drain,
--         why, body) / fence / forbidden / moved(holder)
--         / not_found
local conversation = ARGV[2]
local c = redis.call('HMGET', KEYS[4], 'state', 'visitor', 'rep', 'fence', 'off', 'nodes', 'rnodes',
  'rev', 'rv', 'rr', 'timer')
local state, holder = c[1], c[3]
if not state then return {'not_found'} end
if ARGV[3] == 'v' and c[2] ~= ARGV[4] then return {'forbidden'} end
if ARGV[3] == 'r' and (holder ~= ARGV[4] or c[4] ~= ARGV[6]) then return {'fence'} end
if state == 'closed' then return {'ok', tonumber(c[5]), wall, 1, {}, 0, '', ''} end
if ARGV[3] == 'r' and state ~= 'active' then return {'fence'} end
if (holder or '') ~= ARGV[9] then return {'moved', holder or ''} end

-- include: notify, log, rep
local offset, ended, drain = tonumber(c[5]) + 1, {}, 0
local why, body = ARGV[7], ARGV[8]
if state == 'requested' then
  why, body = ARGV[10] or why, ARGV[11] or body
  local ring = redis.call('HGETALL', KEYS[10])
  for i = 1, #ring, 2 do
    if ring[i + 1] == 'offered' or ring[i + 1] == 'seen' then ended[#ended + 1] = ring[i] end
  end
  redis.call('ZREM', KEYS[8], conversation)
  redis.call('ZREM', KEYS[9], 'wait:' .. conversation, 'ring:' .. conversation,
    'decide:' .. conversation)
else
  redis.call('ZREM', KEYS[9], (c[11] or '') .. ':' .. conversation, 'silent:' .. conversation)
end
redis.call('HSET', KEYS[4], 'state', 'closed', 'off', int(offset), 'last', int(now), 'ended', stamp,
  'rnodes', '', 'rev', int(c[8] + 1), 'timer', '')
redis.call('HDEL', KEYS[7], c[2])
append(KEYS[5], KEYS[2], conversation, offset, 'closed', ARGV[3] .. ':' .. ARGV[4], '', body,
  'why', why, 'rv', c[9] or '0', 'rr', c[10] or '0')
if holder and holder ~= '' then
  local load, freed = redis.call('SCARD', KEYS[6]), redis.call('SREM', KEYS[6], conversation)
  if freed == 0 then
    redis.call('HDEL', KEYS[12], conversation) -- it had given its place back (PR-4)
  end
  drain = rep_load(KEYS[11], load - freed, holder, KEYS[9], KEYS[8])
end
notify_entry(KEYS[3], c[6] .. ' ' .. (c[7] or ''), ARGV[5], conversation, offset, 'closed', body, why)
return {'ok', offset, wall, 0, ended, drain, why, body}
