-- Rings the stages in ARGV[o.first..]: the first from rank `o.stage` on that has somebody to ring
-- (RT-5 … RT-9). A stage is nine words, rank, mode, reps, limit, ring_ms, over, always, pool and
-- weights, and its reps in their order (claims/stages.py). Checks again what the decision saw: available, online,
-- under capacity (PR-1). Who declined or let it expire isn't rung again. Whose turn it is in a round
-- robin is chosen here, so that requests at the same time share one rotation.

-- Whose turn it is, as routing/decisions/strategies.py specifies: start-time fair queueing. The
-- names are of those who may ring; returns places in that list, and leaves what is to be written in `o.turns`.
local function choose(o, mode, pool, weights, names, loads, places, room)
  local chosen, taken = {}, {}
  if mode == 'order' then
    for k = 1, math.min(room, #names) do chosen[k] = k end
    return chosen
  end
  local weight, starts, numbers = {}, {}, {}
  for word in string.gmatch(weights, '[^,]+') do weight[#weight + 1] = tonumber(word) end
  local clock, offers = string.match(redis.call('HGET', o.rot, pool) or '0 0', '^(%S+) (%d+)$')
  clock, offers = tonumber(clock), tonumber(offers)
  for low = 1, #names, 500 do
    local fields = {}
    for k = low, math.min(low + 499, #names) do fields[#fields + 1] = pool .. ' ' .. names[k] end
    for i, turn in ipairs(redis.call('HMGET', o.rot, unpack(fields))) do
      local finish, number = string.match(turn or '0 0', '^(%S+) (%d+)$')
      starts[low + i - 1], numbers[low + i - 1] = math.max(tonumber(finish), clock), tonumber(number)
    end
  end
  for _ = 1, math.min(room, #names) do
    local best, busy
    for k = 1, #names do
      if not taken[k] then
        local mine = mode == 'least_busy' and loads[k] / (weight[places[k]] or 1) or 0
        if not best or mine < busy or (mine == busy and (starts[k] < starts[best]
          or (starts[k] == starts[best] and numbers[k] < numbers[best]))) then
          best, busy = k, mine
        end
      end
    end
    taken[best], chosen[#chosen + 1] = true, best
    clock, offers = starts[best], offers + 1
    for k = 1, #names do starts[k] = math.max(starts[k], clock) end
    o.turns[#o.turns + 1] = pool .. ' ' .. names[best]
    o.turns[#o.turns + 1] =
      string.format('%.17g %d', clock + 1 / (weight[places[best]] or 1), offers)
  end
  o.turns[#o.turns + 1] = pool
  o.turns[#o.turns + 1] = string.format('%.17g %d', clock, offers)
  return chosen
end

-- Reads and chooses, writes nothing. `o`: first, stage (rank of the current one; 0: none yet), known
-- (rep -> what became of their ring of this request), ringing (how many ring), reps, rot. Adds:
-- outcomes (rep, outcome, …), rung (rep, offered, …), by_node, turns, over (who may exceed their
-- capacity, and by how much), full (somebody is merely at capacity), ringing, rank and ring_ms of
-- the stage that rings, all (whether it rings everybody).
-- Ten reps are a usual number. Lists have room for as many from the start: one that grows is made anew
-- each time it doubles, and a number read of a text costs as much as comparing it ten times as text.
local function ring_stages(o)
  local call, match, find, known, argv = redis.call, string.match, string.find, o.known, ARGV
  local outcomes = {nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil,
    nil, nil, nil, nil}
  local rung = {nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil,
    nil, nil, nil, nil}
  local by_node, count, rings, at = {}, 0, 0, o.first
  o.outcomes, o.rung, o.by_node, o.turns, o.over, o.full = outcomes, rung, by_node, {}, '', false
  local function ring(name, nodes)
    rung[rings + 1], rung[rings + 2] = name, 'offered'
    rings = rings + 2
    local there = by_node[nodes]
    if there then
      there[#there + 1] = name
    else
      by_node[nodes] = {name, nil, nil, nil, nil, nil, nil, nil, nil, nil}
    end
  end
  while at <= #argv do
    local mode, pool, weights = argv[at + 1], argv[at + 7], argv[at + 8]
    local rank, limit, ring_ms = tonumber(argv[at]), tonumber(argv[at + 3]), argv[at + 4]
    local over, always = tonumber(argv[at + 5]), tonumber(argv[at + 6])
    local from, to = at + 9, at + 8 + argv[at + 2]
    at = to + 1
    -- Whoever rings belongs to the current stage: until they are done, no other begins.
    if rank >= o.stage and (o.ringing == 0 or rank == o.stage) then
      local all, before, named = mode == 'all', o.ringing, 0
      local room = limit - before
      local names, loads, places, nodes_of, told = {}, {}, {}, {}, {}
      for low = from, to, 500 do
        local high = math.min(low + 499, to)
        local statuses = call('HMGET', o.reps, unpack(argv, low, high))
        for i = low, high do
          local name, status = argv[i], statuses[i - low + 1] or ''
          local outcome, mine = known[name], i - from < always
          if outcome then
            if mine and (outcome == 'offered' or outcome == 'seen') then named = named + 1 end
          else
            -- One pattern for the whole of it, with its devices, costs twice as much.
            local capacity, load = match(status, '^available|(%d+)|(%d+)|')
            local device, nodes = find(status, '@', 1, true), nil
            if not device then
              outcome = 'offline'
            elseif not capacity then
              outcome = match(status, '^%a+')
            elseif find(status, '@', device + 1, true) then
              nodes = string.gsub(match(status, '|([^|]*)$'), '[^@%s]+@', '')
            else
              nodes = string.sub(status, device + 1)
            end
            if not outcome then
              local full = #load > #capacity or (#load == #capacity and load >= capacity)
              if full and not (mine and over > 0 and load - capacity < over) then
                outcome, o.full = 'full', true
              elseif not all and not mine then
                outcome = 'later'
                local k = #names + 1
                names[k], loads[k], places[k], nodes_of[k] = name, load, i - from + 1, nodes
                told[k] = count + 2
              elseif all and room < 1 then
                outcome = 'later'
              else
                outcome, room = 'rung', room - 1
                ring(name, nodes)
                if full then o.over = (o.over == '' and over or o.over) .. ' ' .. name end
              end
            end
          end
          outcomes[count + 1], outcomes[count + 2] = name, outcome
          count = count + 2
        end
      end
      if #names > 0 then
        room = limit - always - (before - named)
        for _, k in ipairs(choose(o, mode, pool, weights, names, loads, places, room)) do
          ring(names[k], nodes_of[k])
          outcomes[told[k]] = 'rung'
        end
      end
      o.ringing = before + rings / 2
      if o.ringing > 0 then
        o.rank, o.ring_ms, o.all, o.before = rank, tonumber(ring_ms), all, before
        break
      end
    end
  end
end

-- A ring that is made anew: whoever was in it and isn't rung now leaves it. Last, for one that is
-- emptied can't be written to on a slot that moves (R1.8).
local function ring_anew(o, before)
  local again, gone = {}, {}
  for i = 1, #o.rung, 2 do again[o.rung[i]] = true end
  for _, name in ipairs(before) do
    if not again[name] then gone[#gone + 1] = name end
  end
  for from = 1, #gone, 1000 do
    redis.call('HDEL', o.ring, unpack(gone, from, math.min(from + 999, #gone)))
  end
end

-- The writes of the above, once every check has passed; tells the nodes of those who ring. The card
-- is good until `o.until`. Returns the nodes that ring.
local function ring_commit(o, rnodes)
  local rung, lists = o.rung, {}
  for from = 1, #rung, 1000 do
    redis.call('HSET', o.ring, unpack(rung, from, math.min(from + 999, #rung)))
  end
  if #o.turns > 0 then redis.call('HSET', o.rot, unpack(o.turns)) end
  for nodes, names in pairs(o.by_node) do
    if nodes == o.node then -- here alone, and here it is known already
      rnodes = with(rnodes, nodes)
    else
      local list, done = table.concat(names, ','), ' '
      for node in string.gmatch(nodes, '%S+') do
        if not string.find(done, ' ' .. node .. ' ', 1, true) then
          done = done .. node .. ' '
          lists[node] = lists[node] and lists[node] .. ',' .. list or list
        end
      end
    end
  end
  for node, list in pairs(lists) do
    rnodes = with(rnodes, node)
    if node ~= o.node then
      tell(o.inbox, {node}, 'offer ' .. o.conversation .. ' ' .. stamp .. ' ' .. o.requested
        .. ' ' .. int(o.shown) .. ' ' .. list .. '\n' .. o.extra .. '\n' .. o.about)
    end
  end
  return rnodes
end
