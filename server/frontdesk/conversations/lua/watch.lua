-- include: desk, event, rep
-- watch: can somebody see or own this conversation, and will something happen to it? (CH-7, R3.2)
-- A non-final one has its own timer, a waiting one stands in the queue, an active one is in its
-- holder's set. What is missing is put back, and named.
-- KEYS 1 meta 2 ev 3 c 4 due 5 held of the holder 6 queue 7 open 8 reps 9 silent
-- ARGV 1 epoch 2 conversation 3 holder 4 visitor
-- Returns ok / moved / mended(what was wrong, …)
local c = redis.call('HMGET', KEYS[3], 'state', 'rep', 'timer', 'visitor')
local state, wrong = c[1], {}
if not state or state == 'closed' then
  if redis.call('HGET', KEYS[7], ARGV[4]) ~= ARGV[2] then return {'ok'} end
  redis.call('HDEL', KEYS[7], ARGV[4])
  event(KEYS[2], 'mended', ARGV[2], 'what', 'open without conversation')
  return {'mended', 'open without conversation'}
end
if (c[2] or '') ~= ARGV[3] then return {'moved'} end
local timer = (c[3] or '') .. ':' .. ARGV[2]
if not redis.call('ZSCORE', KEYS[4], timer) then
  wrong[#wrong + 1] = 'no timer'
  local kind = state == 'requested' and 'wait' or 'quiet'
  redis.call('HSET', KEYS[3], 'timer', kind)
  redis.call('ZADD', KEYS[4], now + 1000, kind .. ':' .. ARGV[2])
end
if state == 'requested' and not redis.call('ZSCORE', KEYS[6], ARGV[2]) then
  wrong[#wrong + 1] = 'not in the queue'
  redis.call('ZADD', KEYS[6], wall, ARGV[2])
end
if state == 'active' and redis.call('SISMEMBER', KEYS[5], ARGV[2]) == 0
  and redis.call('HGET', KEYS[9], ARGV[2]) ~= ARGV[3] then
  wrong[#wrong + 1] = 'held by nobody'
  local load = redis.call('SCARD', KEYS[5]) + redis.call('SADD', KEYS[5], ARGV[2])
  rep_load(KEYS[8], load, ARGV[3], KEYS[4], KEYS[6])
end
if #wrong == 0 then return {'ok'} end
event(KEYS[2], 'mended', ARGV[2], 'what', table.concat(wrong, ', '))
return {'mended', table.concat(wrong, ', ')}
