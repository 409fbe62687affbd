-- include: desk, notify, log, rep
-- lost: the holder went offline, or is back (CH-5). The visitor is told; after `lost ms` the
-- conversation is offered again. Decided by the rep's devices as they are now.
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 log 6 due 7 reps
-- ARGV 1 epoch 2 conversation 3 rep 4 node 5 lost body 6 returned body 7 lost ms 8 gone ms
-- Returns ok(offset, wall, action: lost | returned) / same
local c = redis.call('HMGET', KEYS[4], 'state', 'rep', 'off', 'nodes', 'timer', 'last', 'rev')
if c[1] ~= 'active' or c[2] ~= ARGV[3] then return {'same'} end
local rep = rep_read(redis.call('HGET', KEYS[7], ARGV[3]))
local online = rep and rep.devices ~= ''
local action, body
if not online and c[5] ~= 'lost' then
  action, body = 'lost', ARGV[5]
elseif online and c[5] == 'lost' then
  action, body = 'returned', ARGV[6]
else
  return {'same'}
end
local offset = tonumber(c[3]) + 1
redis.call('HSET', KEYS[4], 'off', int(offset), 'timer', action == 'lost' and 'lost' or 'quiet',
  'rev', tonumber(c[7]) + 1)
if action == 'lost' then
  redis.call('ZADD', KEYS[6], now + tonumber(ARGV[7]), 'lost:' .. ARGV[2])
  redis.call('ZREM', KEYS[6], 'quiet:' .. ARGV[2])
else
  redis.call('ZADD', KEYS[6], now + tonumber(ARGV[8]), 'quiet:' .. ARGV[2])
  redis.call('ZREM', KEYS[6], 'lost:' .. ARGV[2])
end
append(KEYS[5], KEYS[2], ARGV[2], offset, 'participant', 's:', '', body, 'rep', ARGV[3],
  'action', action)
notify_entry(KEYS[3], c[4], ARGV[4], ARGV[2], offset, 'participant', body, action)
return {'ok', offset, wall, action}
