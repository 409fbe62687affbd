-- include: desk
-- expire_quiet: has the visitor's session ended? Looks again at what happened since the entry was
-- set, so that a message costs no timer (VS-1, CH-5).
-- KEYS 1 meta 2 c 3 due
-- ARGV 1 epoch 2 conversation 3 deadline 4 idle ms 5 gone ms 6 silent ms (0: it frees no place)
-- Returns over(holder) / ok(next deadline) / stale
local item = 'quiet:' .. ARGV[2]
local due = redis.call('ZSCORE', KEYS[3], item)
if due ~= ARGV[3] or tonumber(due) > now then return {'stale'} end
local c = redis.call('HMGET', KEYS[2], 'state', 'last', 'gone', 'rep')
if not c[1] or c[1] == 'closed' then
  redis.call('ZREM', KEYS[3], item)
  return {'stale'}
end
local next = tonumber(c[2]) + tonumber(ARGV[4])
if c[3] and c[3] ~= '' then next = math.min(next, tonumber(c[3]) + tonumber(ARGV[5])) end
if quiet then next = math.max(next, now + 2000) end
if next <= now then return {'over', c[4] or ''} end
redis.call('ZADD', KEYS[3], next, item)
-- Here and not with every claim: most chats are over before a visitor can have been silent for long.
if c[1] == 'active' and ARGV[6] ~= '0' then
  redis.call('ZADD', KEYS[3], 'NX', now, 'silent:' .. ARGV[2])
end
return {'ok', next}
