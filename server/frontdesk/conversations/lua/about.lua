-- include: desk, event, notify
-- about: more is known of the visitor of an open conversation (identify), or they went to another
-- page; whoever talks with them sees it, now and after a reload (VS-5).
-- KEYS 1 meta 2 ev 3 inbox 4 c
-- ARGV 1 epoch 2 conversation 3 visitor 4 node 5 about (JSON)
-- Returns ok, state / forbidden
local c = redis.call('HMGET', KEYS[4], 'visitor', 'nodes', 'state')
if c[1] ~= ARGV[3] or c[3] == 'closed' then return {'forbidden'} end
redis.call('HSET', KEYS[4], 'about', ARGV[5])
-- While memory is short the archive goes without it; whoever talks with them sees it all the same.
if pressure < 75 then event(KEYS[2], 'about', ARGV[2], 'visitor', ARGV[3], 'about', ARGV[5]) end
notify(KEYS[3], c[2], ARGV[4], 'about ' .. ARGV[2] .. '\n' .. ARGV[5])
return {'ok', c[3]}
