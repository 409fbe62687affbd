-- What a client's snapshot is made from; conversations/snapshot.py names the fields in this order.
-- Further fields come after them.
local function snapshot_fields(c, ...)
  return redis.call('HMGET', c, 'state', 'visitor', 'rep', 'fence', 'off', 'at', 'about', 'rv', 'rr',
    'vnodes', 'nodes', 'expires', 'extra', 'claimed', 'timer', ...)
end
