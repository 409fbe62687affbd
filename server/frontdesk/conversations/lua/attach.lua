-- include: desk, notify, snapshot
-- attach: from now on this node hears of the conversation, and gets what came after a position
-- (R8.2, R1.3): in one step, so nothing falls between. A position is valid if it is 0 or if that
-- entry exists and was written under that epoch.
-- KEYS 1 meta 2 inbox 3 c 4 log
-- ARGV 1 epoch 2 conversation 3 node 4 side: v | r | - 5 position's epoch 6 offset 7 at most
-- Returns ok(recovered, fields, entries) / not_found
local c = snapshot_fields(KEYS[3])
if not c[1] then return {'not_found'} end
local offset, recovered = tonumber(ARGV[6]), 0
if offset > 0 then
  local entry = redis.call('XRANGE', KEYS[4], offset .. '-0', offset .. '-0')
  local written = entry[1] and string.match(entry[1][2][2], '^%S+')
  if written and written == ARGV[5] then recovered = 1 else offset = 0 end
end
local from = offset + 1
if recovered == 0 then from = math.max(1, tonumber(c[5]) - tonumber(ARGV[7]) + 1) end
local entries = redis.call('XRANGE', KEYS[4], from .. '-0', '+')
local nodes = with(c[11], ARGV[3])
if nodes ~= c[11] then redis.call('HSET', KEYS[3], 'nodes', nodes) end
if ARGV[4] == 'v' then
  local vnodes = with(c[10], ARGV[3])
  if vnodes ~= c[10] then
    redis.call('HSET', KEYS[3], 'vnodes', vnodes, 'gone', '')
    if c[10] == '' then notify(KEYS[2], nodes, ARGV[3], 'here ' .. ARGV[2] .. ' 1\n') end
    c[10] = vnodes
  end
end
return {'ok', recovered, c, entries}
