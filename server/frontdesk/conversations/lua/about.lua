-- include: desk, event, notify
-- about: more is known of the visitor of an open conversation (identify, a rep's entry), or they went
-- to another page; whoever talks with them sees it, now and after a reload (VS-3, VS-5).
-- Who waits is routed anew by what is known (RT-10), once for all that comes within `again` ms: the
-- item that asks for it is there as soon as the fact is. One that is due may be under way with what
-- was known before; it is asked for anew.
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 due
-- ARGV 1 epoch 2 conversation 3 visitor 4 node 5 about (JSON)
--      6 1: only over `about` as the caller knew it | 0 7 that 8 the rep who holds it ('' = any)
--      9 again ms
-- Returns ok, here: 0 | 1 / changed / forbidden
local c = redis.call('HMGET', KEYS[4], 'visitor', 'nodes', 'state', 'about', 'rep', 'vnodes')
if c[1] ~= ARGV[3] or c[3] == 'closed' then return {'forbidden'} end
if ARGV[8] ~= '' and c[5] ~= ARGV[8] then return {'forbidden'} end
if ARGV[6] == '1' and (c[4] or '') ~= ARGV[7] then return {'changed'} end
redis.call('HSET', KEYS[4], 'about', ARGV[5])
-- While memory is short the archive goes without it; whoever talks with them sees it all the same.
if pressure < 75 then event(KEYS[2], 'about', ARGV[2], 'visitor', ARGV[3], 'about', ARGV[5]) end
-- The visitor's own tab tells of them, or a rep does, who may do so while no tab of theirs is open.
local here = (ARGV[6] == '0' or (c[6] or '') ~= '') and 1 or 0
notify(KEYS[3], c[2], ARGV[4], 'about ' .. ARGV[2] .. ' ' .. here .. '\n' .. ARGV[5])
if c[3] == 'requested' then
  local item = 'reroute:' .. ARGV[2]
  local at = tonumber(redis.call('ZSCORE', KEYS[5], item) or '0')
  if at <= now then redis.call('ZADD', KEYS[5], now + tonumber(ARGV[9]), item) end
end
return {'ok', here}
