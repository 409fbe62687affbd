-- include: desk, notify
-- tell: one notice to every node (people changed, a sign-in ended), or to some of them.
-- KEYS 1 meta 2 inbox 3 nodes
-- ARGV 1 epoch 2 notice 3.. the nodes, if not all; those that live no more are left out
-- Returns ok
local nodes = {}
for i = 3, #ARGV do
  if redis.call('ZSCORE', KEYS[3], ARGV[i]) then nodes[#nodes + 1] = ARGV[i] end
end
if #ARGV < 3 then nodes = redis.call('ZRANGE', KEYS[3], 0, -1) end
notify(KEYS[2], table.concat(nodes, ' '), '', ARGV[2])
return {'ok'}
