-- What is left of the wait, on the desk clock: the host's may have been set since `expires` was
-- written. A wait that ended early goes on when somebody rings before that was carried out.
local function wait_left(o)
  local item = 'wait:' .. o.conversation
  local ends = redis.call('ZSCORE', o.due, item)
  if not ends then return tonumber(o.expires) - wall end
  local at, before = string.match(redis.call('HGET', o.c, 'early') or '', '^(%d+) (%d+)$')
  if at == ends then
    redis.call('ZADD', o.due, before, item)
    ends = before
  end
  return tonumber(ends) - now
end

-- What ring_stages chose for a request that waits, carried out: the rings, the ring timer, and what `c` says of
-- the stage. With `o.ends` the wait is over when nobody rings and nobody is merely at capacity.
-- `o` as for ring_stages, and: c, due, ev, rev, rnodes, expires (end of the wait, ms), `until_` (of
-- the card now), late (who began to ring later than the stage), over_before, was (who rings anyhow).
local function go_on(o)
  local timer = 'ring:' .. o.conversation
  if #o.rung == 0 then
    if o.ringing > 0 then return end
    redis.call('ZREM', o.due, timer)
    if o.ends and not o.full and quiet then
      redis.call('ZADD', o.due, head[4], 'decide:' .. o.conversation)
    elseif o.ends and not o.full then
      local item = 'wait:' .. o.conversation
      local ends = redis.call('ZSCORE', o.due, item)
      if ends and tonumber(ends) > now then
        redis.call('HSET', o.c, 'early', int(now) .. ' ' .. ends)
        redis.call('ZADD', o.due, now, item)
      end
    end
    return
  end
  local left, card = wait_left(o), o.until_
  o.expires = wall + left
  if o.before > 0 and o.over_before ~= '' then
    o.over = o.over_before .. string.gsub(o.over, '^%d+', '')
  end
  if o.before > 0 and o.all then
    -- The deadline stays; who came later isn't blamed for not having answered by then (PR-8).
    for i = 1, #o.rung, 2 do o.late = with(o.late, o.rung[i]) end
  else
    o.late, card = '', ''
    if o.ring_ms > 0 and o.ring_ms < left then
      card = int(wall + o.ring_ms)
      redis.call('ZADD', o.due, now + o.ring_ms, timer)
    else
      redis.call('ZREM', o.due, timer)
    end
  end
  o.shown = tonumber(card ~= '' and card or o.expires)
  local rnodes = ring_commit(o, o.rnodes)
  redis.call('HSET', o.c, 'rnodes', rnodes, 'rev', o.rev + 1, 'stage', o.rank, 'until', card,
    'late', o.late, 'over', o.over, 'expires', int(o.expires))
  for i = 1, o.was and #o.outcomes or 0, 2 do
    if o.outcomes[i + 1] == 'rung' and o.was[o.outcomes[i]] then o.outcomes[i + 1] = 'offered' end
  end
  event(o.ev, 'offered', o.conversation, 'outcomes', table.concat(o.outcomes, ','))
end

-- What became of each rep's ring, and how many ring now.
local function rings_of(o)
  local known, ringing, flat = {}, 0, redis.call('HGETALL', o.ring)
  for i = 1, #flat, 2 do
    known[flat[i]] = flat[i + 1]
    if flat[i + 1] == 'offered' or flat[i + 1] == 'seen' then ringing = ringing + 1 end
  end
  return known, ringing
end

-- The cards of these reps go, on whatever node they are.
local function unring(o, names, outcome)
  for _, name in ipairs(names) do
    notify(o.inbox, o.rnodes, o.node,
      'unring ' .. o.conversation .. ' ' .. stamp .. ' ' .. name .. ' ' .. outcome .. '\n')
  end
end
