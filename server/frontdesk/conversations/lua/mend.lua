-- include: desk, notify, log
-- mend: a message that SQL has and the log lost (a failover, everysec) is appended again, once: the
-- client that wrote it may be quicker (docs/architecture.md).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 log
-- ARGV 1 epoch 2 conversation 3 sender 4 client id 5 body
-- Returns ok(offset) / there / gone
local key = ARGV[3] .. ' ' .. ARGV[4]
local c = redis.call('HMGET', KEYS[4], 'state', 'off', 'nodes', key)
if c[4] then return {'there'} end
if not c[1] or c[1] == 'closed' then return {'gone'} end
local offset = tonumber(c[2]) + 1
redis.call('HSET', KEYS[4], 'off', int(offset), key, int(offset) .. ' ' .. stamp .. ' ' .. epoch)
append(KEYS[5], KEYS[2], ARGV[2], offset, 'message', ARGV[3], ARGV[4], ARGV[5])
notify_entry(KEYS[3], c[3], '', ARGV[2], offset, 'message', ARGV[5])
return {'ok', offset}
