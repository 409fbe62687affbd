-- include: desk
-- forget_node: everything of a dead node was taken over; nobody need tell it anything (PR-3).
-- KEYS 1 meta 2 nodes 3 inbox
-- ARGV 1 epoch 2 node 3 force: 0 | 1 (a node that leaves by itself)
-- Returns ok / stale
local lease = redis.call('ZSCORE', KEYS[2], ARGV[2])
if lease and tonumber(lease) > now and ARGV[3] ~= '1' then return {'stale'} end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
return {'ok'}
