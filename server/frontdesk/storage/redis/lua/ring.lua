-- Rings the reps ARGV[first..] in their order, at most `limit` at a time, and tells their nodes.
-- Checks again what the decision saw: available, online, under capacity (PR-1). Who declined or
-- let it expire is not rung again. Returns outcomes (rep, outcome, …), how many ring now, and
-- whether one of them is only at capacity.
local function ring_reps(o)
  local outcomes, ringing, full = {}, 0, false
  local known = {}
  local flat = o.fresh and {} or redis.call('HGETALL', o.ring)
  for i = 1, #flat, 2 do
    known[flat[i]] = flat[i + 1]
    if flat[i + 1] == 'offered' or flat[i + 1] == 'seen' then ringing = ringing + 1 end
  end
  local by_node, rung = {}, {}
  local function consider(name, status)
    local outcome
    local rep = rep_read(status)
    if known[name] then
      outcome = known[name]
    elseif not rep or rep.devices == '' then
      outcome = 'offline'
    elseif rep.availability ~= 'available' then
      outcome = 'away'
    elseif rep.load >= rep.capacity then
      outcome = 'full'
      full = true
    elseif ringing >= o.limit then
      outcome = 'later'
    else
      outcome = 'rung'
      ringing = ringing + 1
      rung[#rung + 1] = name
      rung[#rung + 1] = 'offered'
      for node in string.gmatch(rep_nodes(rep), '%S+') do
        local at = by_node[node] or {}
        by_node[node] = at
        if at[#at] ~= name then at[#at + 1] = name end
      end
    end
    outcomes[#outcomes + 1] = name
    outcomes[#outcomes + 1] = outcome
  end
  for from = o.first, #ARGV, 500 do
    local to = math.min(from + 499, #ARGV)
    local statuses = redis.call('HMGET', o.reps, unpack(ARGV, from, to))
    for i = 1, #statuses do consider(ARGV[from + i - 1], statuses[i]) end
  end
  return outcomes, ringing, full, rung, by_node
end

-- The writes of the above, once every check has passed. Returns the nodes that ring.
local function ring_commit(o, rung, by_node, rnodes)
  for from = 1, #rung, 500 do
    redis.call('HSET', o.ring, unpack(rung, from, math.min(from + 499, #rung)))
  end
  for node, names in pairs(by_node) do
    rnodes = with(rnodes, node)
    notify(o.inbox, node, o.node, 'offer ' .. o.conversation .. ' ' .. stamp .. ' ' .. o.requested
      .. ' ' .. int(o.expires) .. ' ' .. table.concat(names, ',') .. '\n' .. o.extra .. '\n' .. o.about)
  end
  return rnodes
end
