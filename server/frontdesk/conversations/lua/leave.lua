-- include: desk, notify, log
-- leave: the visitor of a missed conversation leaves an address and a message (RT-6).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 log
-- ARGV 1 epoch 2 conversation 3 visitor 4 node 5 client id 6 body 7 email
-- Returns ok(offset, wall) / forbidden / illegal_move / not_found / overloaded
local key = 'v:' .. ARGV[3] .. ' ' .. ARGV[5]
local c = redis.call('HMGET', KEYS[4], 'state', 'visitor', 'off', 'nodes', key)
if c[5] then
  local offset, at = string.match(c[5], '^(%d+) (%d+)')
  return {'ok', tonumber(offset), tonumber(at)}
end
if not c[1] then return {'not_found'} end
if c[2] ~= ARGV[3] then return {'forbidden'} end
if c[1] ~= 'missed' then return {'illegal_move'} end
if pressure >= 90 then return {'overloaded'} end
local offset = tonumber(c[3]) + 1
redis.call('HSET', KEYS[4], 'off', int(offset), 'last', int(now), 'email', ARGV[7],
  key, int(offset) .. ' ' .. stamp .. ' ' .. epoch)
append(KEYS[5], KEYS[2], ARGV[2], offset, 'left', 'v:' .. ARGV[3], ARGV[5], ARGV[6],
  'email', ARGV[7])
notify_entry(KEYS[3], c[4], ARGV[4], ARGV[2], offset, 'left', ARGV[6])
return {'ok', offset, wall}
