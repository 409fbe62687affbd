-- What happened, for every reader of the desk's stream. Bodies stay in the log: an event says
-- where (conversation, offset), not what. More fields follow as name, value pairs.
local function event(ev, kind, conversation, ...)
  redis.call('XADD', ev, '*', 'v', '1', 'k', kind, 'e', epoch, 'w', wall, 'c', conversation, ...)
end
