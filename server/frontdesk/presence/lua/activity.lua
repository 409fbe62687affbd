-- include: desk
-- activity: nobody touched a device for a while, or somebody is back (PR-1). A rep is idle when all
-- their devices are: their rings end, and they are rung again when one is used.
-- KEYS 1 meta 2 ev 3 inbox 4 reps 5 dev 6 due 7 nodes 8 queue
-- ARGV 1 epoch 2 device 3 nonce 4 idle: 0 | 1 5 node
-- Returns ok(status) / superseded
local known = redis.call('HGET', KEYS[5], ARGV[2])
local name, nonce, state = string.match(known or '', '^([^|]+)|[^|]+|([^|]+)|(%a+)$')
if nonce ~= ARGV[3] or state == 'grace' then return {'superseded'} end
local status = redis.call('HGET', KEYS[4], name)
-- include: notify, rep, presence
local rep = rep_read(status)
if not rep then return {'superseded'} end
local now_state = ARGV[4] == '1' and 'idle' or 'live'
if state ~= now_state then
  redis.call('HSET', KEYS[5], ARGV[2],
    string.sub(known, 1, #known - #state) .. now_state)
end
local o = {ev = KEYS[2], inbox = KEYS[3], nodes = KEYS[7], node = ARGV[5], dev = KEYS[5]}
if look_idle(o, rep) then
  rep_write(KEYS[4], name, rep)
  presence_changed(o, name, rep, rep.availability)
  if rep.availability == 'idle' then
    redis.call('ZADD', KEYS[6], now, 'orphans:' .. name)
  else
    drain_for(KEYS[6], KEYS[8], name, rep)
  end
end
return {'ok', redis.call('HGET', KEYS[4], name)}
