-- include: desk, notify
-- read: how far one side has read; only ever further (CH-4).
-- typing: the same way to the other nodes, kept nowhere (ARGV[6] = 'typing').
-- KEYS 1 meta 2 inbox 3 c
-- ARGV 1 epoch 2 conversation 3 side: v | r 4 who 5 node 6 what: read | typing 7 offset | 0/1
-- Returns ok / forbidden / not_found
local c = redis.call('HMGET', KEYS[3], 'state', 'visitor', 'rep', 'off', 'nodes', 'rv', 'rr')
if not c[1] then return {'not_found'} end
if (ARGV[3] == 'v' and c[2] or c[3]) ~= ARGV[4] then return {'forbidden'} end
local value = tonumber(ARGV[7])
if ARGV[6] == 'read' then
  local field, place = 'rr', 7
  if ARGV[3] == 'v' then field, place = 'rv', 6 end
  local known = tonumber(c[place] or '0') -- a side that has read nothing isn't where the other is
  value = math.min(value, tonumber(c[4]))
  if value <= known then return {'ok', known} end
  redis.call('HSET', KEYS[3], field, value)
end
notify(KEYS[2], c[5], ARGV[5],
  ARGV[6] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. value .. '\n')
return {'ok', value}
