-- include: desk
-- device_down: a rep's connection ended; the grace begins (PR-3). A device that has since come
-- back elsewhere carries another nonce, and is left alone.
-- KEYS 1 meta 2 dev 3 due
-- ARGV 1 epoch 2 device 3 nonce 4 grace ms
-- Returns ok / superseded
local known = redis.call('HGET', KEYS[2], ARGV[2])
if not known then return {'superseded'} end
local name, node, nonce, state = string.match(known, '^([^|]+)|([^|]+)|([^|]+)|(%a+)$')
if nonce ~= ARGV[3] then return {'superseded'} end
if state == 'grace' then return {'ok'} end
redis.call('HSET', KEYS[2], ARGV[2], name .. '|' .. node .. '|' .. nonce .. '|grace')
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[4]), 'device:' .. ARGV[2])
return {'ok'}
