-- include: desk
-- erase_conversation: it is over, and its visitor is erased: nothing of it stays (OP-5).
-- KEYS 1 meta 2 c 3 log 4 ring
-- ARGV 1 epoch
-- Returns ok / open
local state = redis.call('HGET', KEYS[2], 'state')
if state and state ~= 'closed' then return {'open'} end
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
return {'ok'}
