-- include: desk
-- peek: what is due, without removing it: the item's own verb does that. Advances the desk clock,
-- which no other verb writes; a step of the host's clock or an outage moves deadlines by at most
-- two seconds.
-- KEYS 1 meta 2 due 3 nodes
-- ARGV 1 epoch 2 at most
-- Returns ok(items with deadlines, next deadline or -1, desk ms, nodes whose lease is over)
redis.call('HSET', KEYS[1], 'last', stamp, 'now', int(now))
local items = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local next = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local dead = {}
if not quiet then dead = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now) end
return {'ok', items, tonumber(next[2] or '-1'), now, dead}
