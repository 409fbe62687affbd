-- include: desk
-- settle: an item that only asks for work (drain, fill, orphans, reroute) was worked off, unless asked for anew.
-- KEYS 1 meta 2 due
-- ARGV 1 epoch 2 item 3 deadline
-- Returns ok / stale
if redis.call('ZSCORE', KEYS[2], ARGV[2]) ~= ARGV[3] then return {'stale'} end
redis.call('ZREM', KEYS[2], ARGV[2])
return {'ok'}
