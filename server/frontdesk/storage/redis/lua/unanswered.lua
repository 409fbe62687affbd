-- Who let offers expire that were on their screen for the whole ring time, `limit` of them in a row,
-- is away from now on (PR-8). A claim, a decline or another choice begins the count anew. Whoever
-- had no place left could not have started it, and isn't blamed.
local function unanswered(o, names, limit)
  if limit < 1 then return end
  for _, name in ipairs(names) do
    local rep = rep_read(redis.call('HGET', o.reps, name))
    if rep and rep.availability ~= 'away' and rep.load < rep.capacity then
      rep.missed = rep.missed + 1
      local away = rep.missed >= limit
      if away then
        rep.availability, rep.cause, rep.since, rep.missed = 'away', 'unanswered', wall, 0
      end
      rep_write(o.reps, name, rep)
      if away then
        presence_changed(o, name, rep, 'away')
        redis.call('ZADD', o.due, now, 'orphans:' .. name)
      end
    end
  end
end
