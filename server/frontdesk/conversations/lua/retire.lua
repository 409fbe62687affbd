-- retire: a closed conversation is in SQL to its last entry; its keys go in ten minutes (R3.3).
-- An open one loses the entries that SQL has and nobody needs soon (64 kB a log), and forgets what
-- nobody repeats any more.
-- KEYS 1 meta 2 c 3 log 4 ring
-- ARGV 1 epoch 2 conversation 3 archived offset 4 seconds 5 kept entries
-- Returns ok / open(trimmed) / behind
local epoch = redis.call('HGET', KEYS[1], 'epoch') -- no time is needed, and every chat ends here
if epoch ~= ARGV[1] then return {'epoch'} end
local c = redis.call('HMGET', KEYS[2], 'state', 'off')
if not c[1] then return {'ok'} end
local archived = tonumber(ARGV[3])
if c[1] == 'closed' then
  if tonumber(c[2]) > archived then return {'behind'} end
  for i = 2, 4 do redis.call('EXPIRE', KEYS[i], ARGV[4]) end
  return {'ok'}
end
-- What was said is remembered for retries: of the last thousand, at most.
if redis.call('HLEN', KEYS[2]) > 1200 then
  local flat, lowest = redis.call('HGETALL', KEYS[2]), tonumber(c[2]) - 1000
  for i = 1, #flat, 2 do
    if string.find(flat[i], '^[vr]:') and tonumber(string.match(flat[i + 1], '^%d+')) < lowest then
      redis.call('HDEL', KEYS[2], flat[i])
    end
  end
end
local floor = archived - tonumber(ARGV[5])
if floor < 1 then return {'open', 0} end
return {'open', redis.call('XTRIM', KEYS[3], 'MINID', floor .. '-0')}
