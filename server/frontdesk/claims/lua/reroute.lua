-- include: desk
-- reroute: more is known of a waiting visitor and the decision is another one: its reps ring, those
-- of the former who aren't among them stop (RT-10). The total wait goes on. A claim that landed
-- first stands; so does what was decided on newer facts.
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 ring 6 reps 7 due 8 rot
-- ARGV 1 epoch 2 conversation 3 node 4 route 5 route before 6 about that was decided on 7 extra
--      8 decision 9.. stages (ring.lua)
-- Returns ok(outcomes, ringing, whose ring ended: rep,rep,…) / same / stale / gone
local conversation, node = ARGV[2], ARGV[3]
local c = redis.call('HMGET', KEYS[4], 'state', 'expires', 'about', 'rnodes', 'at', 'rev', 'route')
if c[1] ~= 'requested' then return {'gone'} end
if c[7] == ARGV[4] then return {'same'} end
if c[7] ~= ARGV[5] or c[3] ~= ARGV[6] then return {'stale'} end
-- include: event, notify, ring, go_on
local known = rings_of({ring = KEYS[5]})
local o = {ring = KEYS[5], reps = KEYS[6], rot = KEYS[8], due = KEYS[7], c = KEYS[4], ev = KEYS[2],
  inbox = KEYS[3], node = node, first = 9, stage = 0, known = {}, ringing = 0,
  conversation = conversation, requested = c[5], expires = c[2], extra = ARGV[7], about = c[3],
  rnodes = c[4], rev = tonumber(c[6]), until_ = '', late = '', over_before = '', ends = true}
local was, gone, again = {}, {}, {}
for name, ring in pairs(known) do
  if ring == 'offered' or ring == 'seen' then was[name] = true else o.known[name] = ring end
end
o.was = was
ring_stages(o)
for i = 1, #o.rung, 2 do again[o.rung[i]] = true end
for name in pairs(was) do
  if not again[name] then gone[#gone + 1] = name end
end
table.sort(gone)
redis.call('HSET', KEYS[4], 'route', ARGV[4], 'extra', ARGV[7], 'stage', 0, 'until', '', 'late', '',
  'over', '')
event(KEYS[2], 'rerouted', conversation, 'reps', table.concat(gone, ','), 'decision', ARGV[8])
go_on(o)
for _, name in ipairs(gone) do redis.call('HDEL', KEYS[5], name) end
unring(o, gone, 'rerouted')
return {'ok', table.concat(o.outcomes, ','), o.ringing, table.concat(gone, ',')}
