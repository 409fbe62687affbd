-- include: desk, rep
-- restore: an open conversation comes back from SQL after Redis was lost with its disk. Keeps each
-- entry's (epoch, offset), so that positions stay valid (R1.3). A rep's claim stays: the rep is
-- given time to come back like one whose connection was lost.
-- KEYS 1 meta 2 c 3 log 4 open 5 due 6 held 7 queue 8 reps
-- ARGV 1 epoch 2 conversation 3 visitor 4 state 5 rep 6 deadline ms 7 wait ms
--      8 gone ms 9 n fields 10.. fields, then entries: offset epoch wall sender client body
-- Returns ok / there
if redis.call('EXISTS', KEYS[2]) == 1 then return {'there'} end
local fields = tonumber(ARGV[9])
redis.call('HSET', KEYS[2], 'state', ARGV[4], 'visitor', ARGV[3], 'rep', ARGV[5], 'last', int(now),
  'gone', int(now), 'nodes', '', 'vnodes', '', 'rnodes', '', unpack(ARGV, 10, 9 + fields))
for i = 10 + fields, #ARGV, 6 do
  local client_id = ARGV[i + 4] == '' and '-' or ARGV[i + 4]
  redis.call('XADD', KEYS[3], ARGV[i] .. '-0', 'h', ARGV[i + 1] .. ' ' .. ARGV[i + 2] .. ' '
    .. ARGV[i + 3] .. ' ' .. client_id, 'b', ARGV[i + 5])
  if ARGV[i + 4] ~= '' then
    redis.call('HSET', KEYS[2], ARGV[i + 3] .. ' ' .. ARGV[i + 4],
      ARGV[i] .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 1])
  end
end
redis.call('HSET', KEYS[4], ARGV[3], ARGV[2])
if ARGV[4] == 'active' then
  local load = redis.call('SCARD', KEYS[6]) + redis.call('SADD', KEYS[6], ARGV[2])
  rep_load(KEYS[8], load, ARGV[5], KEYS[5], KEYS[7]) -- the rep may be back already
  redis.call('HSET', KEYS[2], 'timer', 'lost')
  redis.call('ZADD', KEYS[5], now + tonumber(ARGV[6]), 'lost:' .. ARGV[2],
    now, 'silent:' .. ARGV[2])
elseif ARGV[4] == 'requested' then
  redis.call('ZADD', KEYS[7], wall, ARGV[2])
  redis.call('HSET', KEYS[2], 'timer', 'wait', 'expires', wall + tonumber(ARGV[7]))
  redis.call('ZADD', KEYS[5], now + tonumber(ARGV[7]), 'wait:' .. ARGV[2])
  redis.call('ZADD', KEYS[5], now, 'decide:' .. ARGV[2])
else
  redis.call('HSET', KEYS[2], 'timer', 'quiet')
  redis.call('ZADD', KEYS[5], now + tonumber(ARGV[8]), 'quiet:' .. ARGV[2])
end
return {'ok'}
