-- erase_visit: nothing is known of this visitor any more, and nothing will be: whoever still shows
-- their token is somebody else from now on (OP-5). The mark lives as long as a token does.
-- KEYS 1 v:<visitor>
-- ARGV 1 ms that the mark is kept
-- Returns 'ok', the nodes they had a socket on
local nodes = redis.call('HGET', KEYS[1], 'nodes') or ''
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'erased', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {'ok', nodes}
