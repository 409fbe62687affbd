-- gone: a node has no socket of this visitor any more, or died. The last one gone, the time begins
-- after which their next visit is a new session (VS-1).
-- KEYS 1 v:<visitor> 2 at:<node>
-- ARGV 1 visitor 2 node
-- Returns ok(is somewhere else: 0 | 1)
redis.call('SREM', KEYS[2], ARGV[1])
local nodes, kept = redis.call('HGET', KEYS[1], 'nodes'), {}
if not nodes or nodes == '' then return {'ok', 0} end
for node in string.gmatch(nodes, '%S+') do
  if node ~= ARGV[2] then kept[#kept + 1] = node end
end
redis.call('HSET', KEYS[1], 'nodes', table.concat(kept, ' '))
if #kept > 0 then return {'ok', 1} end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'gone', time[1] * 1000 + math.floor(time[2] / 1000))
return {'ok', 0}
