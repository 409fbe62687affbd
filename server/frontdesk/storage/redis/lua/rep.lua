-- A rep's status is one string: availability|capacity|load|since|cause|devices, where devices are
-- `device@node` parted by spaces. `load` always repeats SCARD of `held` (R3.1).
local function rep_read(status)
  local availability, capacity, load, since, cause, devices =
    string.match(status or '', '^(%a+)|(%d+)|(%d+)|(%d+)|([^|]*)|(.*)$')
  if not availability then return nil end
  return {availability = availability, capacity = tonumber(capacity), load = tonumber(load),
    since = since, cause = cause, devices = devices}
end

local function rep_write(reps, name, rep)
  redis.call('HSET', reps, name, rep.availability .. '|' .. rep.capacity .. '|' .. rep.load .. '|'
    .. rep.since .. '|' .. rep.cause .. '|' .. rep.devices)
  redis.call('HINCRBY', KEYS[1], 'presence', 1)
end

-- After `held` of a rep changed. Asks for a drain when a place was freed and somebody waits (PR-6);
-- returns 1 if it did.
local function rep_load(reps, held, name, due, queue)
  local rep = rep_read(redis.call('HGET', reps, name))
  if not rep then return 0 end
  local load = redis.call('SCARD', held)
  local freed = load < rep.load
  rep.load = load
  rep_write(reps, name, rep)
  if freed and redis.call('ZCARD', queue) > 0 then
    redis.call('ZADD', due, now, 'drain:' .. name)
    return 1
  end
  return 0
end

-- The nodes on which a rep has a device, parted by spaces.
local function rep_nodes(rep)
  return (string.gsub(rep.devices, '[^@%s]+@', ''))
end
