-- message: one more entry of the log, numbered (CH-3). A retry is looked up before the state and
-- the fence, so that it gets its offset even after a close or a transfer (R6.4).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 log
-- ARGV 1 epoch 2 conversation 3 who 4 sender and client id, as they are kept 5 node
--      6 fence ('' = of the visitor) 7 body
-- Returns `offset wall` as one text / said(offset, wall, epoch it was written under), asked again
--         / fence / closed / forbidden / illegal_move / not_found
-- The path of a message: five commands, and no helpers but those that it needs. Each text that is
-- made or read costs Redis about as much as a small command, so numbers stay as they come. The time
-- is that which Redis gives the event, so TIME isn't asked; `last` is the desk clock of the last
-- peek, half a second ago at most.
local call = redis.call
local head = call('HMGET', KEYS[1], 'epoch', 'now')
local epoch = head[1]
if epoch ~= ARGV[1] then return {'epoch'} end
local by_visitor, said, here = ARGV[6] == '', ARGV[4], ARGV[5]
local state, who, off, nodes, before, fence
if by_visitor then
  state, who, off, nodes, before =
    unpack(call('HMGET', KEYS[4], 'state', 'visitor', 'off', 'nodes', said))
else
  state, who, off, nodes, before, fence =
    unpack(call('HMGET', KEYS[4], 'state', 'rep', 'off', 'nodes', said, 'fence'))
end
if before then
  local offset, at, written = string.match(before, '^(%d+) (%d+) ?(.*)$')
  return {'said', offset, at, written}
end
if not state then return {'not_found'} end
if by_visitor then
  if who ~= ARGV[3] then return {'forbidden'} end
  if state ~= 'requested' and state ~= 'active' then return {state == 'closed' and 'closed' or 'illegal_move'} end
elseif state ~= 'active' or who ~= ARGV[3] or fence ~= ARGV[6] then
  return {state == 'closed' and who == ARGV[3] and 'closed' or 'fence'}
end
local at = string.format('%d', off + 1)
local id = call('XADD', KEYS[2], '*', 'h', '1 message ' .. epoch .. ' 0 ' .. ARGV[2] .. ' ' .. at)
local stamp = string.sub(id, 1, 13) -- ms: so many digits until the year 2286
call('XADD', KEYS[5], at, 'h', epoch .. ' ' .. stamp .. ' ' .. said, 'b', ARGV[7])
call('HSET', KEYS[4], 'off', at, 'last', head[2], said, at .. ' ' .. stamp .. ' ' .. epoch)
if nodes ~= here then -- as notify.lua does, without its helpers
  local notice = ' entry ' .. ARGV[2] .. ' ' .. epoch .. ' ' .. at .. ' ' .. stamp .. ' message -\n'
    .. ARGV[7]
  for node in string.gmatch(nodes, '%S+') do
    if node ~= here then
      local sequence = string.format('%d', call('HINCRBY', KEYS[3], node, 1))
      call('PUBLISH', KEYS[3] .. ':' .. node, sequence .. notice)
    end
  end
end
return at .. ' ' .. stamp
