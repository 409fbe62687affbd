-- keep: more is known of a visitor who is here (VS-3). Written only over what the caller has seen:
-- two tabs, on two nodes, may learn something at the same time.
-- KEYS 1 v:<visitor>
-- ARGV 1 about as the caller knew it 2 about from now on 3 conversations to add
--      4 session that the rule is of 5 rule that decides who sees them ('' = unchanged,
--      '-' = none) (RT-10)
-- Returns 'ok', the nodes with a socket of theirs / 'changed', about as it is / 'gone'
local v = redis.call('HMGET', KEYS[1], 'session', 'about', 'nodes')
if not v[1] then return {'gone'} end
if ARGV[1] ~= ARGV[2] and (v[2] or '') ~= ARGV[1] then return {'changed', v[2] or ''} end
if ARGV[1] ~= ARGV[2] then redis.call('HSET', KEYS[1], 'about', ARGV[2]) end
if ARGV[3] ~= '0' then redis.call('HINCRBY', KEYS[1], 'conversations', ARGV[3]) end
if ARGV[5] ~= '' and v[1] == ARGV[4] then
  redis.call('HSET', KEYS[1], 'rule', ARGV[5] == '-' and '' or ARGV[5])
end
return {'ok', v[3] or ''}
