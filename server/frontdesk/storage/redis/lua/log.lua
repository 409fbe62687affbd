-- Appends an entry to a conversation's log at `offset`, under this epoch, and its event.
-- `body` is JSON made by the caller and never parsed here (R1.8).
local function append(log, ev, conversation, offset, kind, sender, client_id, body, ...)
  redis.call('XADD', log, offset .. '-0', 'e', epoch, 'w', wall, 's', sender, 'c', client_id, 'b', body)
  redis.call('XADD', ev, '*', 'v', '1', 'k', kind, 'e', epoch, 'w', wall, 'c', conversation,
    'o', offset, ...)
end

-- The notice of an entry: conversation, epoch, offset, time, kind and the sender's node's room.
local function entry_notice(conversation, offset, kind, body, rest)
  return 'entry ' .. conversation .. ' ' .. epoch .. ' ' .. offset .. ' ' .. wall .. ' ' .. kind
    .. ' ' .. (rest or '-') .. '\n' .. body
end
