-- Tells every node that a rep's presence changed, and records it with all that it is now (PR-7).
local function presence_changed(o, name, rep, kind)
  redis.call('XADD', o.ev, '*', 'h', '1 rep_' .. kind .. ' ' .. epoch .. ' ' .. stamp .. ' - 0',
    'rep', name, 'cause', kind == 'idle' and 'idle' or rep.cause, 'status', rep.availability .. '|'
    .. rep.capacity .. '|' .. rep.load .. '|' .. rep.since .. '|' .. rep.cause .. '|' .. rep.devices)
  notify(o.inbox, table.concat(redis.call('ZRANGE', o.nodes, 0, -1), ' '), o.node,
    'presence ' .. name .. '\n')
end

-- A rep became eligible: waiting requests are looked through for them (RT-4, PR-6).
local function drain_for(due, queue, name, rep)
  if rep.availability == 'available' and rep.devices ~= '' and redis.call('ZCARD', queue) > 0 then
    redis.call('ZADD', due, now, 'drain:' .. name)
  end
end

-- `devices` without one device, whatever its node.
local function without_device(devices, device)
  local kept = {}
  for entry in string.gmatch(devices, '%S+') do
    if string.sub(entry, 1, #device + 1) ~= device .. '@' then kept[#kept + 1] = entry end
  end
  return table.concat(kept, ' ')
end

-- Whether nobody touched any of a rep's devices for a while (PR-1). One in its grace counts as used.
local function all_idle(o, devices)
  if devices == '' then return false end
  local names = {}
  for device in string.gmatch(devices, '([^@%s]+)@') do names[#names + 1] = device end
  for _, known in ipairs(redis.call('HMGET', o.dev, unpack(names))) do
    if not known or not string.find(known, '|idle$') then return false end
  end
  return true
end

-- Available and idle are one choice of the rep; which of them it is now, by their devices. Says
-- whether it is another than before.
local function look_idle(o, rep)
  local found = rep.availability
  if found == 'available' or found == 'idle' then
    found = all_idle(o, rep.devices) and 'idle' or 'available'
  end
  if found == rep.availability then return false end
  rep.availability, rep.since = found, wall
  return true
end
