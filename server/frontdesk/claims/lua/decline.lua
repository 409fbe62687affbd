-- include: desk, event, notify, rep
-- decline: what became of one rep's ring, short of a claim (RT-6, RT-12).
-- `seen`: the card is on a screen. `declined`: passed on, never rung again for this request.
-- `away`, `offline`: the rep can't answer now; rung again when back.
-- `full`: another claim took their last place; rung again when one frees (PR-4, PR-6).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 ring 6 due 7 reps
-- ARGV 1 epoch 2 conversation 3 rep 4 node 5 outcome
-- Returns ok(how many still ring) / gone
local conversation, name, outcome = ARGV[2], ARGV[3], ARGV[5]
local c = redis.call('HMGET', KEYS[4], 'state', 'until', 'over')
local state = c[1]
local ring = redis.call('HGET', KEYS[5], name)
local rep = outcome ~= 'seen' and rep_read(redis.call('HGET', KEYS[7], name))
if state ~= 'requested' then return {'gone'} end
if ring == outcome then return {'ok', 1} end
if ring ~= 'offered' and ring ~= 'seen' then return {'gone'} end
if outcome == 'full' and rep then -- a place may be free again, or they may be past their capacity
  local by, owners = string.match(c[3] or '', '^(%d+)(.*)$')
  local mine = by and string.find(owners .. ' ', ' ' .. name .. ' ', 1, true)
  if rep.load < rep.capacity + (mine and tonumber(by) or 0) then return {'gone'} end
end
local ringing = -1 -- beside this one
for _, other in ipairs(outcome ~= 'seen' and redis.call('HVALS', KEYS[5]) or {}) do
  if other == 'offered' or other == 'seen' then ringing = ringing + 1 end
end
if outcome == 'away' or outcome == 'offline' or outcome == 'full' then
  redis.call('HDEL', KEYS[5], name)
else
  redis.call('HSET', KEYS[5], name, outcome)
end
event(KEYS[2], outcome, conversation, 'rep', name)
if outcome == 'seen' then return {'ok', 1} end
if rep then
  if outcome == 'declined' and rep.missed > 0 then -- that was an answer (PR-8)
    rep.missed = 0
    rep_write(KEYS[7], name, rep)
  end
  notify(KEYS[3], rep_nodes(rep), ARGV[4],
    'unring ' .. conversation .. ' ' .. stamp .. ' ' .. name .. ' ' .. outcome .. '\n')
end
-- The last ring ended, or a turn of those that go one after the other: what comes next is decided
-- now, by this node or, if it dies, by another.
if ringing == 0 or (c[2] or '') ~= '' then redis.call('ZADD', KEYS[6], now, 'decide:' .. conversation) end
return {'ok', ringing}
