-- include: desk, notify, rep, presence
-- availability: what the rep chose (PR-1). Away ends their rings; available looks for waiting ones.
-- KEYS 1 meta 2 ev 3 inbox 4 reps 5 due 6 nodes 7 queue
-- ARGV 1 epoch 2 rep 3 availability 4 cause 5 node
-- Returns ok(status, changed: 0 | 1, waiting requests) / not_found
local rep = rep_read(redis.call('HGET', KEYS[4], ARGV[2]))
if not rep then return {'not_found'} end
local changed = rep.availability ~= ARGV[3]
if changed then
  rep.availability, rep.cause, rep.since = ARGV[3], ARGV[4], wall
  rep_write(KEYS[4], ARGV[2], rep)
  presence_changed({ev = KEYS[2], inbox = KEYS[3], nodes = KEYS[6], node = ARGV[5]}, ARGV[2], rep,
    rep.availability)
  if rep.availability == 'away' then
    redis.call('ZADD', KEYS[5], now, 'orphans:' .. ARGV[2])
  else
    drain_for(KEYS[5], KEYS[7], ARGV[2], rep)
  end
end
return {'ok', redis.call('HGET', KEYS[4], ARGV[2]), changed and 1 or 0, redis.call('ZCARD', KEYS[7])}
