-- include: desk
-- pass_over: the ring time is over: who rings in this stage has let it expire, and the next of the
-- stage or the next stage rings in the same step (RT-6). Nobody left and nobody merely at capacity:
-- the wait is over. The item carries its deadline, so that of many nodes one does it.
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 ring 6 reps 7 due 8 rot 9 nodes
-- ARGV 1 epoch 2 conversation 3 deadline 4 node 5 unanswered offers in a row (0 = no limit)
--      6.. stages (ring.lua)
-- Returns ok(outcomes, ringing, expired: rep,rep,…) / stale
local conversation = ARGV[2]
local item = 'ring:' .. conversation
local due = redis.call('ZSCORE', KEYS[7], item)
if due ~= ARGV[3] or tonumber(due) > now then return {'stale'} end
local c = redis.call('HMGET', KEYS[4], 'state', 'expires', 'extra', 'about', 'rnodes', 'at', 'rev',
  'stage', 'late')
if c[1] ~= 'requested' then
  redis.call('ZREM', KEYS[7], item)
  return {'stale'}
end
if quiet then
  redis.call('ZADD', KEYS[7], now + 2000, item)
  return {'stale'}
end
-- include: event, notify, rep, presence, unanswered, ring, go_on
local known, ringing = rings_of({ring = KEYS[5]})
local o = {ring = KEYS[5], reps = KEYS[6], rot = KEYS[8], due = KEYS[7], c = KEYS[4], ev = KEYS[2],
  inbox = KEYS[3], nodes = KEYS[9], node = ARGV[4], first = 6,
  stage = tonumber(c[8] or '0'), known = known, ringing = 0, conversation = conversation,
  requested = c[6], expires = c[2], extra = c[3], about = c[4], rnodes = c[5], rev = tonumber(c[7]),
  until_ = '', late = '', over_before = '', ends = true}
local ended, changes, missed = {}, {}, {}
for name, ring in pairs(known) do
  if ring == 'offered' or ring == 'seen' then
    ended[#ended + 1], known[name] = name, 'expired'
    changes[#changes + 1], changes[#changes + 2] = name, 'expired'
    if ring == 'seen' and not string.find(' ' .. (c[9] or '') .. ' ', ' ' .. name .. ' ', 1, true) then
      missed[#missed + 1] = name
    end
  end
end
table.sort(ended)
for from = 1, #changes, 1000 do
  redis.call('HSET', KEYS[5], unpack(changes, from, math.min(from + 999, #changes)))
end
if #ended > 0 then
  event(KEYS[2], 'expired', conversation, 'reps', table.concat(ended, ','))
  unring(o, ended, 'expired')
end
unanswered(o, missed, tonumber(ARGV[5]))
redis.call('ZREM', KEYS[7], item)
ring_stages(o)
go_on(o)
return {'ok', table.concat(o.outcomes, ','), o.ringing, table.concat(ended, ',')}
