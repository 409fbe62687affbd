-- Tells every node that a rep's presence changed, and records it.
local function presence_changed(o, name, rep, kind)
  redis.call('XADD', o.ev, '*', 'h', '1 rep_' .. kind .. ' ' .. epoch .. ' ' .. stamp .. ' - 0',
    'rep', name, 'cause', rep.cause)
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
