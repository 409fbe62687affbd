-- include: desk
-- silent: did the visitor of an active conversation say nothing for so long that it gives its place
-- back, until they write (PR-4)? Looks at the log, so that a message moves no timer. While they are
-- silent the conversation stands in `silent` and not in its rep's `held`, and is looked at often.
-- KEYS 1 meta 2 c 3 log 4 held of the holder 5 silent 6 due 7 reps 8 queue
-- ARGV 1 epoch 2 conversation 3 deadline 4 holder 5 silent ms (0: nobody ever is) 6 again ms
-- Returns ok(silent: 0 | 1) / stale / moved
local conversation, item = ARGV[2], 'silent:' .. ARGV[2]
local due = redis.call('ZSCORE', KEYS[6], item)
if due ~= ARGV[3] or tonumber(due) > now then return {'stale'} end
local c = redis.call('HMGET', KEYS[2], 'state', 'rep', 'claimed')
if c[1] ~= 'active' then
  redis.call('ZREM', KEYS[6], item)
  return {'stale'}
end
if c[2] ~= ARGV[4] then return {'moved'} end
local spoke = tonumber(c[3])
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 200)) do
  local at, sender = string.match(entry[2][2], '^%S+ (%d+) (%S+)')
  if string.sub(sender, 1, 2) == 'v:' then
    spoke = math.max(spoke, tonumber(at))
    break
  end
end
local limit = tonumber(ARGV[5])
local left = limit - (wall - spoke)
local is = limit > 0 and left <= 0
local was = redis.call('HEXISTS', KEYS[5], conversation) == 1
-- include: rep
if is ~= was then
  local load = redis.call('SCARD', KEYS[4])
  if is then
    redis.call('HSET', KEYS[5], conversation, c[2])
    load = load - redis.call('SREM', KEYS[4], conversation)
  else
    redis.call('HDEL', KEYS[5], conversation)
    load = load + redis.call('SADD', KEYS[4], conversation)
  end
  rep_load(KEYS[7], load, c[2], KEYS[6], KEYS[8])
  -- Back in a place that was the last: what else rings for its rep can't be theirs now.
  if was and redis.call('ZCARD', KEYS[8]) > 0 then
    redis.call('ZADD', KEYS[6], now, 'fill:' .. c[2])
  end
end
if limit == 0 then
  redis.call('ZREM', KEYS[6], item)
else
  redis.call('ZADD', KEYS[6], now + (is and tonumber(ARGV[6]) or left), item)
end
return {'ok', is and 1 or 0}
