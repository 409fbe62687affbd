-- include: claim_lost, snapshot
-- claim: one rep wins the conversation; requested -> active (CH-2, PR-4).
-- Asked again by the winner: the same fence. KEYS[6] is the caller's own held set.
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 ring 6 held 7 reps 8 queue 9 due 10 log
-- ARGV 1 epoch 2 conversation 3 rep 4 node 5 claimed body without its end 6 gone ms
--      7 silent ms, if it is to be looked at before `quiet` (else 0)
-- Returns ok(fence, offset, wall, again, fields, filled) / already_claimed(by, at)
--         / at_capacity / not_offered / gone
local conversation, name, node = ARGV[2], ARGV[3], ARGV[4]
if state ~= 'active' and state ~= 'requested' then return {'gone'} end
local c = snapshot_fields(KEYS[4], 'rnodes', 'rev', 'over', 'until')
-- The fields are as attach.lua returns them. The entries are read afterwards by the winner: handed
-- on by a script, they would cost four times as much.
if state == 'active' then
  return {'ok', tonumber(c[4]), tonumber(c[5]), tonumber(c[14]), 1, c, 0}
end
local ring = redis.call('HGET', KEYS[5], name)
if ring ~= 'offered' and ring ~= 'seen' then return {'not_offered'} end
local status = redis.call('HGET', KEYS[7], name)
local before_load, capacity, after_load = string.match(status or '', '^(%a+|(%d+)|)%d+(|.*)$')
if not capacity then return {'not_offered'} end
local load = redis.call('SCARD', KEYS[6])
if load >= tonumber(capacity) then -- an owner may be past it, with this ring (PR-4)
  local by, names = string.match(c[18] or '', '^(%d+)(.*)$')
  if not by or load >= capacity + by
    or not string.find(names .. ' ', ' ' .. name .. ' ', 1, true) then
    return {'at_capacity'}
  end
end

-- include: desk, notify, log, rep
local fence, offset = int((c[4] or 0) + 1), int(c[5] + 1)
local nodes = with(c[11], node)
local body = ARGV[5] .. ',"fence":' .. fence .. '}'
if string.find(after_load, '+', 1, true) then after_load = string.gsub(after_load, '%+%d+', '', 1) end -- PR-8
load = load + redis.call('SADD', KEYS[6], conversation)
redis.call('HSET', KEYS[7], name, before_load .. int(load) .. after_load)
redis.call('HINCRBY', KEYS[1], 'presence', 1)
redis.call('HSET', KEYS[5], name, 'claimed')
-- Their last place: what else rings for them can't be theirs now, which is work for afterwards.
local waiting = load >= tonumber(capacity) and redis.call('ZCARD', KEYS[8]) or 0
local filled = waiting > redis.call('ZREM', KEYS[8], conversation) and 1 or 0
if filled == 1 then redis.call('ZADD', KEYS[9], now, 'fill:' .. name) end
-- Early on purpose: expire_quiet looks whether the visitor is still there, and how long silent.
if ARGV[7] == '0' then
  redis.call('ZADD', KEYS[9], int(now + ARGV[6]), 'quiet:' .. conversation)
else
  redis.call('ZADD', KEYS[9], int(now + ARGV[6]), 'quiet:' .. conversation,
    int(now + ARGV[7]), 'silent:' .. conversation)
end
redis.call('ZREM', KEYS[9], 'wait:' .. conversation)
if (c[19] or '') ~= '' then -- in turn, or in stages: no other will be next
  redis.call('ZREM', KEYS[9], 'ring:' .. conversation, 'decide:' .. conversation)
end
redis.call('HSET', KEYS[4], 'state', 'active', 'rep', name, 'fence', fence, 'off', offset,
  'nodes', nodes, 'rnodes', '', 'claimed', stamp, 'last', int(now), 'rev', int(c[17] + 1),
  'timer', 'quiet')
append(KEYS[10], KEYS[2], conversation, offset, 'claimed', 'r:' .. name, '', body,
  'rep', name, 'fence', fence)
notify_entry(KEYS[3], nodes .. ' ' .. c[16] .. ' ' .. status_nodes(status), node, conversation, offset,
  'claimed', body, name)
c[1], c[3], c[4], c[5], c[11], c[14], c[15] = 'active', name, fence, offset, nodes, stamp, 'quiet'
c[16], c[17], c[18], c[19] = nil, nil, nil, nil
return {'ok', tonumber(fence), tonumber(offset), wall, 0, c, filled}
