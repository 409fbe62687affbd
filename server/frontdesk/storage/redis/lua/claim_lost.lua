-- Before everything else of `claim`: most claims lose, nine of ten in the chat that is measured, and
-- for them the helpers below need not even be made (a lost claim costs Redis half as much). Looks at
-- KEYS[1] meta and KEYS[4] c; ARGV 1 epoch, 3 rep.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return {'epoch'} end
local was = redis.call('HMGET', KEYS[4], 'state', 'rep', 'claimed')
local state, holder = was[1], was[2]
if not state then return {'gone'} end
if (state == 'active' and holder ~= ARGV[3]) or (state == 'closed' and holder ~= '') then
  return {'already_claimed', holder, tonumber(was[3])}
end
