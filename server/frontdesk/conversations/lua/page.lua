-- include: desk, notify
-- page: the visitor of an open conversation went to another page; whoever talks with them sees it.
-- KEYS 1 meta 2 inbox 3 c
-- ARGV 1 epoch 2 conversation 3 visitor 4 node 5 page (JSON)
-- Returns ok / forbidden
local c = redis.call('HMGET', KEYS[3], 'visitor', 'nodes')
if c[1] ~= ARGV[3] then return {'forbidden'} end
notify(KEYS[2], c[2], ARGV[4], 'page ' .. ARGV[2] .. '\n' .. ARGV[5])
return {'ok'}
