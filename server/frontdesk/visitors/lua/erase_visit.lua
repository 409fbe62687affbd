-- erase_visit: nothing is known of this visitor any more, and nothing will be: whoever still shows
-- their token is somebody else from now on (OP-5). The mark lives as long as a token does.
-- KEYS 1 v:<visitor>
-- ARGV 1 ms that the mark is kept
-- Returns 'ok', the nodes they had a socket on
local nodes = redis.call('HGET', KEYS[1], 'nodes') or ''
-- The mark first: while the slot moves to another server, what is gone can't be made anew here.
redis.call('HSET', KEYS[1], 'erased', '1')
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if name ~= 'erased' then redis.call('HDEL', KEYS[1], name) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {'ok', nodes}
