-- include: desk, event, notify
-- detach: the node has nobody of this conversation any more, or (side v) no visitor. The last
-- visitor's node gone: the rep is told, and the session's short end begins (CH-5, VS-1).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 due
-- ARGV 1 epoch 2 conversation 3 node 4 side: v | - 5 gone ms
-- Returns ok(visitor is here: 0 | 1) / not_found
local c = redis.call('HMGET', KEYS[4], 'state', 'nodes', 'vnodes')
if not c[1] then return {'not_found'} end
local vnodes = without(c[3], ARGV[3])
if ARGV[4] == '-' then redis.call('HSET', KEYS[4], 'nodes', without(c[2], ARGV[3])) end
if vnodes ~= c[3] then
  redis.call('HSET', KEYS[4], 'vnodes', vnodes)
  if vnodes == '' and c[1] ~= 'closed' then
    redis.call('HSET', KEYS[4], 'gone', int(now))
    if redis.call('ZSCORE', KEYS[5], 'quiet:' .. ARGV[2]) then
      redis.call('ZADD', KEYS[5], 'LT', now + tonumber(ARGV[5]), 'quiet:' .. ARGV[2])
    end
    event(KEYS[2], 'visitor_gone', ARGV[2])
    notify(KEYS[3], c[2], ARGV[3], 'here ' .. ARGV[2] .. ' 0\n')
  end
end
return {'ok', vnodes == '' and 0 or 1}
