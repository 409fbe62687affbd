-- Appends an entry to a conversation's log at `offset`, under this epoch, and its event (in the
-- form of event.lua). `body` is JSON made by the caller and never parsed here (R1.8). The entry's
-- first field is `epoch wall sender client_id`; who said nothing has '-' for a client id.
local function append(log, ev, conversation, offset, kind, sender, client_id, body, ...)
  local at = int(offset) -- also of text
  if client_id == '' then client_id = '-' end
  redis.call('XADD', log, at,
    'h', epoch .. ' ' .. stamp .. ' ' .. sender .. ' ' .. client_id, 'b', body)
  redis.call('XADD', ev, '*',
    'h', '1 ' .. kind .. ' ' .. epoch .. ' ' .. stamp .. ' ' .. conversation .. ' ' .. at, ...)
end

-- Tells other nodes of an entry: conversation, epoch, offset, time, kind, and what nodes need to
-- know beside the body ('-': nothing). Made only if there is another node to tell.
local function notify_entry(inbox, nodes, except, conversation, offset, kind, body, rest)
  local found = others(nodes, except)
  if #found == 0 then return end
  tell(inbox, found, 'entry ' .. conversation .. ' ' .. epoch .. ' ' .. int(offset)
    .. ' ' .. stamp .. ' ' .. kind .. ' ' .. (rest or '-') .. '\n' .. body)
end
