-- message: one more entry of the log, numbered (CH-3), for each of the messages that a node's turn
-- brought. Each is a verb by itself: checked before it writes, refused without the others. A retry
-- is looked up before the state and the fence, so that it gets its offset even after a close or a
-- transfer (R6.4).
-- KEYS 1 meta 2 ev 3 inbox, then of each message: c log
-- ARGV 1 epoch 2 node, then of each message: conversation, who, sender and client id as they are
--      kept, fence ('' = of the visitor), body
-- Returns of each message `offset wall` as one text / said(offset, wall, epoch it was written under),
--         asked again / fence / closed / forbidden / illegal_move / not_found
-- The path of a message: four commands, and no helpers but those that it needs. Each text that is
-- made or read costs Redis about as much as a small command, so numbers stay as they come. The time
-- is that which Redis gives the event, so TIME isn't asked; `last` is the desk clock of the last
-- peek, half a second ago at most.
local call = redis.call
local head = call('HMGET', KEYS[1], 'epoch', 'now')
local epoch, now = head[1], head[2]
if epoch ~= ARGV[1] then return {'epoch'} end
local ev, inbox, here, format = KEYS[2], KEYS[3], ARGV[2], string.format

local function say(c, log, conversation, by, said, given, body)
  local state, who, off, nodes, before, fence
  if given == '' then
    state, who, off, nodes, before =
      unpack(call('HMGET', c, 'state', 'visitor', 'off', 'nodes', said))
  else
    state, who, off, nodes, before, fence =
      unpack(call('HMGET', c, 'state', 'rep', 'off', 'nodes', said, 'fence'))
  end
  if before then
    local offset, at, written = string.match(before, '^(%d+) (%d+) ?(.*)$')
    return {'said', offset, at, written}
  end
  if not state then return {'not_found'} end
  if given == '' then
    if who ~= by then return {'forbidden'} end
    if state ~= 'requested' and state ~= 'active' then
      return {state == 'closed' and 'closed' or 'illegal_move'}
    end
  elseif state ~= 'active' or who ~= by or fence ~= given then
    return {state == 'closed' and who == by and 'closed' or 'fence'}
  end
  local at = format('%d', off + 1)
  local id = call('XADD', ev, '*', 'h', '1 message ' .. epoch .. ' 0 ' .. conversation .. ' ' .. at)
  local stamp = string.sub(id, 1, 13) -- ms: so many digits until the year 2286
  call('XADD', log, at, 'h', epoch .. ' ' .. stamp .. ' ' .. said, 'b', body)
  call('HSET', c, 'off', at, 'last', now, said, at .. ' ' .. stamp .. ' ' .. epoch)
  if nodes ~= here then -- as notify.lua does, without its helpers
    local notice = ' entry ' .. conversation .. ' ' .. epoch .. ' ' .. at .. ' ' .. stamp
      .. ' message -\n' .. body
    for node in string.gmatch(nodes, '%S+') do
      if node ~= here then
        local sequence = format('%d', call('HINCRBY', inbox, node, 1))
        call('PUBLISH', inbox .. ':' .. node, sequence .. notice)
      end
    end
  end
  return at .. ' ' .. stamp
end

local answers, word = {}, 3
for key = 4, #KEYS, 2 do
  answers[key / 2 - 1] = say(KEYS[key], KEYS[key + 1], unpack(ARGV, word, word + 4))
  word = word + 5
end
return answers
