-- include: desk
-- press: how full memory is, as percent of its limit; from 75 new requests are refused, long before
-- Redis would refuse in the middle of something (docs/architecture.md).
-- KEYS 1 meta
-- ARGV 1 epoch 2 percent
-- Returns ok
if tostring(pressure) ~= ARGV[2] then redis.call('HSET', KEYS[1], 'pressure', ARGV[2]) end
return {'ok'}
