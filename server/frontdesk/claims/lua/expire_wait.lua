-- include: desk
-- expire_wait: the total wait is over and nobody started: requested -> missed (RT-6).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 ring 6 queue 7 due 8 log 9 reps 10 nodes
-- ARGV 1 epoch 2 conversation 3 deadline 4 node 5 missed body without its end 6 gone ms
--      7 unanswered offers in a row (0 = no limit)
-- Returns ok(offset, wall, reps whose ring ended, why) / stale
local conversation = ARGV[2]
local due = redis.call('ZSCORE', KEYS[7], 'wait:' .. conversation)
local c = redis.call('HMGET', KEYS[4], 'state', 'off', 'nodes', 'rnodes', 'rev', 'late',
  'until', 'early')
local early = string.match(c[8] or '', '^(%d+) ') == due
if due ~= ARGV[3] or tonumber(due) > now then return {'stale'} end
if c[1] ~= 'requested' then
  redis.call('ZREM', KEYS[7], 'wait:' .. conversation)
  return {'stale'}
end
if quiet then
  local later = int(now + 2000)
  redis.call('ZADD', KEYS[7], later, 'wait:' .. conversation)
  if early then
    redis.call('HSET', KEYS[4], 'early', later .. string.match(c[8], ' %d+$'))
  end
  return {'stale'}
end
-- include: notify, log, rep, presence, unanswered
local offset = tonumber(c[2]) + 1
local ring, ended, missed = redis.call('HGETALL', KEYS[5]), {}, {}
-- Why nobody came: all who rang passed on, there was nobody to ring, or it rang or waited in vain.
local why = early and 'nobody' or 'timeout'
for i = 1, #ring, 2 do
  if ring[i + 1] ~= 'declined' then
    why = 'timeout'
  elseif why == 'nobody' then
    why = 'declined'
  end
  if ring[i + 1] == 'offered' or ring[i + 1] == 'seen' then
    ended[#ended + 1] = ring[i]
    redis.call('HSET', KEYS[5], ring[i], 'expired')
    -- Cut short by the total wait, or rung in the middle of it: not their fault (PR-8).
    if ring[i + 1] == 'seen' and (c[7] or '') == ''
      and not string.find(' ' .. (c[6] or '') .. ' ', ' ' .. ring[i] .. ' ', 1, true) then
      missed[#missed + 1] = ring[i]
    end
  end
end
unanswered({reps = KEYS[9], ev = KEYS[2], inbox = KEYS[3], nodes = KEYS[10],
  node = ARGV[4], due = KEYS[7]}, missed, tonumber(ARGV[7]))
local body = ARGV[5] .. ',"why":"' .. why .. '"}'
redis.call('ZADD', KEYS[7], now + tonumber(ARGV[6]), 'quiet:' .. conversation)
redis.call('ZREM', KEYS[7], 'wait:' .. conversation, 'ring:' .. conversation,
  'decide:' .. conversation)
redis.call('ZREM', KEYS[6], conversation)
redis.call('HSET', KEYS[4], 'state', 'missed', 'off', int(offset), 'rnodes', '', 'last', int(now),
  'rev', tonumber(c[5]) + 1, 'timer', 'quiet')
append(KEYS[8], KEYS[2], conversation, offset, 'missed', 'server', '', body,
  'why', why, 'expired', table.concat(ended, ','))
notify_entry(KEYS[3], c[3] .. ' ' .. c[4], ARGV[4], conversation, offset, 'missed', body, 'expired')
return {'ok', offset, wall, ended, why}
