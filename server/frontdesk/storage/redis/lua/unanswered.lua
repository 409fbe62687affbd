-- Who let offers expire that were on their screen for the whole ring time, `limit` of them in a row,
-- is away from now on (PR-8). A claim or a decline begins the count anew.
local function unanswered(o, names, limit)
  if limit < 1 then return end
  for _, name in ipairs(names) do
    if redis.call('HINCRBY', o.misses, name, 1) >= limit then
      redis.call('HDEL', o.misses, name)
      local rep = rep_read(redis.call('HGET', o.reps, name))
      if rep and rep.availability ~= 'away' then
        rep.availability, rep.cause, rep.since = 'away', 'unanswered', wall
        rep_write(o.reps, name, rep)
        presence_changed(o, name, rep, 'away')
        redis.call('ZADD', o.due, now, 'orphans:' .. name)
      end
    end
  end
end
