-- A rep's status is one string: availability|capacity|load|since|cause|devices, where devices are
-- `device@node` parted by spaces. `load` always repeats SCARD of `held` (R3.1). After the cause may
-- stand `+n`: so many offers in a row were not answered (PR-8).
local function rep_read(status)
  local availability, capacity, load, since, cause, missed, devices =
    string.match(status or '', '^(%a+)|(%d+)|(%d+)|(%d+)|([^|+]*)%+?(%d*)|(.*)$')
  if not availability then return nil end
  return {availability = availability, capacity = tonumber(capacity), load = tonumber(load),
    since = since, cause = cause, missed = tonumber(missed) or 0, devices = devices}
end

local function rep_write(reps, name, rep)
  local missed = (rep.missed or 0) > 0 and '+' .. rep.missed or ''
  redis.call('HSET', reps, name, rep.availability .. '|' .. rep.capacity .. '|' .. rep.load .. '|'
    .. rep.since .. '|' .. rep.cause .. missed .. '|' .. rep.devices)
  redis.call('HINCRBY', KEYS[1], 'presence', 1)
end

-- After `held` of a rep changed: `load` are in it now, which its caller knows; a set that it emptied
-- can't be looked at on a slot that moves (R1.8). Asks for a drain when a place was freed and somebody waits (PR-6);
-- returns 1 if it did. Who wasn't full rings already for whatever waits for them.
local function rep_load(reps, load, name, due, queue)
  local status = redis.call('HGET', reps, name)
  local head, capacity, before, tail = string.match(status or '', '^(%a+|(%d+)|)(%d+)(|.*)$')
  if not before then return 0 end
  local freed = load < tonumber(before) and tonumber(before) >= tonumber(capacity)
  redis.call('HSET', reps, name, head .. int(load) .. tail)
  redis.call('HINCRBY', KEYS[1], 'presence', 1)
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

local function status_nodes(status)
  local at = string.find(status, '@', 1, true)
  if not at then return '' end
  if not string.find(status, '@', at + 1, true) then return string.sub(status, at + 1) end
  return (string.gsub(string.match(status, '|([^|]*)$'), '[^@%s]+@', ''))
end
