-- include: desk
-- node_renew: this node lives, for another `lease ms` of the desk clock (PR-3). A node that was
-- given up (or is new) is told so, and attaches everything again.
-- KEYS 1 meta 2 nodes 3 inbox
-- ARGV 1 epoch 2 node 3 lease ms
-- Returns ok | unknown (sequence of its inbox, revision of presence, desk ms, memory's percent)
local known = redis.call('ZSCORE', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[3]), ARGV[2])
return {known and 'ok' or 'unknown', tonumber(redis.call('HGET', KEYS[3], ARGV[2]) or '0'),
  tonumber(redis.call('HGET', KEYS[1], 'presence') or '0'), now, pressure}
