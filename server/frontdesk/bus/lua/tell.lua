-- include: desk, notify
-- tell: one notice to every node: people changed, a sign-in ended.
-- KEYS 1 meta 2 inbox 3 nodes
-- ARGV 1 epoch 2 notice
-- Returns ok
notify(KEYS[2], table.concat(redis.call('ZRANGE', KEYS[3], 0, -1), ' '), '', ARGV[2])
return {'ok'}
