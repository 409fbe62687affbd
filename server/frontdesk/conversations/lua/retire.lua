-- include: desk
-- retire: a closed conversation is in SQL to its last entry; its keys go in ten minutes (R3.3).
-- An open one loses the entries that SQL has and nobody needs soon (64 kB a log).
-- KEYS 1 meta 2 c 3 log 4 seen 5 ring
-- ARGV 1 epoch 2 conversation 3 archived offset 4 seconds 5 kept entries
-- Returns ok / open(trimmed) / behind
local c = redis.call('HMGET', KEYS[2], 'state', 'off')
if not c[1] then return {'ok'} end
local archived = tonumber(ARGV[3])
if c[1] == 'closed' then
  if tonumber(c[2]) > archived then return {'behind'} end
  for i = 2, 5 do redis.call('EXPIRE', KEYS[i], ARGV[4]) end
  return {'ok'}
end
local floor = archived - tonumber(ARGV[5])
if floor < 1 then return {'open', 0} end
return {'open', redis.call('XTRIM', KEYS[3], 'MINID', floor .. '-0')}
