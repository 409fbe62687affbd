-- include: desk, notify, rep, presence
-- expire_device: the grace is over; the last device gone means the rep is offline, and an entry
-- asks for what they leave behind: rings that ended, conversations held (PR-3, CH-5).
-- KEYS 1 meta 2 ev 3 inbox 4 reps 5 dev 6 due 7 nodes
-- ARGV 1 epoch 2 device 3 deadline 4 node
-- Returns ok(rep, offline: 0 | 1) / stale
local item = 'device:' .. ARGV[2]
local due = redis.call('ZSCORE', KEYS[6], item)
if due ~= ARGV[3] or tonumber(due) > now then return {'stale'} end
local known = redis.call('HGET', KEYS[5], ARGV[2])
local name, state = string.match(known or '', '^([^|]+)|.*|(%a+)$')
if state ~= 'grace' then
  redis.call('ZREM', KEYS[6], item)
  return {'stale'}
end
if quiet then
  redis.call('ZADD', KEYS[6], now + 2000, item)
  return {'stale'}
end
redis.call('HDEL', KEYS[5], ARGV[2])
local rep = rep_read(redis.call('HGET', KEYS[4], name))
if not rep then
  redis.call('ZREM', KEYS[6], item)
  return {'ok', name, 1}
end
rep.devices = without_device(rep.devices, ARGV[2])
local offline = rep.devices == ''
if offline then rep.since = wall end
local o = {ev = KEYS[2], inbox = KEYS[3], nodes = KEYS[7], node = ARGV[4], dev = KEYS[5]}
local idle = not offline and look_idle(o, rep) -- those that are left may all be idle
rep_write(KEYS[4], name, rep)
if offline or idle then
  redis.call('ZADD', KEYS[6], now, 'orphans:' .. name)
  presence_changed(o, name, rep, offline and 'offline' or rep.availability)
end
redis.call('ZREM', KEYS[6], item)
return {'ok', name, offline and 1 or 0}
