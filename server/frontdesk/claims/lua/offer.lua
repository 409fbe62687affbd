-- include: desk
-- offer: what a waiting request rings next: one who became eligible, a freed place, the next in
-- turn, the next stage (RT-4, RT-6, PR-6). Nothing changes for those who ring already. Whoever
-- offers to all may end the wait: nobody rings, and nobody is merely at capacity. With `more` the
-- wait begins anew, once (a transfer that nobody took goes back to its rule).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 ring 6 reps 7 due 8 rot
-- ARGV 1 epoch 2 conversation 3 node 4 route ('' = as it is) 5 more ms (0 = the wait stays)
--      6 may end the wait: 0 | 1 7.. stages (ring.lua)
-- Returns ok(outcomes, ringing) / gone
local conversation, node = ARGV[2], ARGV[3]
local c = redis.call('HMGET', KEYS[4], 'state', 'expires', 'extra', 'about', 'rnodes', 'at', 'rev',
  'why', 'stage', 'until', 'late', 'over')
if c[1] ~= 'requested' then
  redis.call('ZREM', KEYS[7], 'decide:' .. conversation)
  return {'gone'}
end
local more = tonumber(ARGV[5])
-- Another node was first: anew again would ring those who have declined since.
if more > 0 and c[8] == 'again' then return {'gone'} end
-- include: event, notify, ring, go_on
local known, ringing = rings_of({ring = KEYS[5]})
local before = known
local o = {ring = KEYS[5], reps = KEYS[6], rot = KEYS[8], due = KEYS[7], c = KEYS[4], ev = KEYS[2],
  inbox = KEYS[3], node = node, first = 7, stage = tonumber(c[9] or '0'), known = known,
  ringing = ringing, conversation = conversation, requested = c[6], expires = c[2], extra = c[3],
  about = c[4], rnodes = c[5], rev = tonumber(c[7]), until_ = c[10] or '', late = c[11] or '',
  over_before = c[12] or '', ends = ARGV[6] == '1'}
-- Whoever looks for one rep leaves it to others what is due for all.
if o.ends or more > 0 then redis.call('ZREM', KEYS[7], 'decide:' .. conversation) end
if more > 0 then
  o.expires, o.stage, o.known, o.ringing, o.late, o.over_before = wall + more, 0, {}, 0, '', ''
  redis.call('HSET', KEYS[4], 'expires', int(o.expires), 'why', 'again', 'route', ARGV[4])
  redis.call('ZADD', KEYS[7], now + more, 'wait:' .. conversation)
end
ring_stages(o)
go_on(o)
if more > 0 then -- whom the transfer named, and who isn't asked again
  local again, gone, rang = {}, {}, {}
  for i = 1, #o.rung, 2 do again[o.rung[i]] = true end
  for name, ring in pairs(before) do
    rang[#rang + 1] = name
    if (ring == 'offered' or ring == 'seen') and not again[name] then gone[#gone + 1] = name end
  end
  ring_anew(o, rang)
  unring(o, gone, 'expired')
end
return {'ok', table.concat(o.outcomes, ','), o.ringing}
