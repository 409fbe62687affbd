-- message: one more entry of the log, numbered (CH-3). A retry is looked up before the state and
-- the fence, so that it gets its offset even after a close or a transfer (R6.4).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 log
-- ARGV 1 epoch 2 conversation 3 side: v | r 4 who 5 node 6 client id 7 fence 8 body
-- Returns ok(offset, wall, epoch it was written under or '') / fence / closed / forbidden
--         / not_found
-- The path of a message: five commands, and no helpers but those that it needs. The time is that
-- which Redis gives the event, so TIME isn't asked; the head is as in desk.lua.
local call = redis.call
local head = call('HMGET', KEYS[1], 'epoch', 'last', 'now')
local epoch = head[1]
if epoch ~= ARGV[1] then return {'epoch'} end
local sender = ARGV[3] .. ':' .. ARGV[4]
local said = sender .. ' ' .. ARGV[6]
local c = call('HMGET', KEYS[4], 'state', 'visitor', 'rep', 'fence', 'off', 'nodes', said)
local state = c[1]
if c[7] then
  local offset, at, written = string.match(c[7], '^(%d+) (%d+) ?(.*)$')
  return {'ok', tonumber(offset), tonumber(at), written}
end
if not state then return {'not_found'} end
if ARGV[3] == 'v' then
  if c[2] ~= ARGV[4] then return {'forbidden'} end
  if state ~= 'requested' and state ~= 'active' then return {state == 'closed' and 'closed' or 'illegal_move'} end
else
  if state == 'closed' and c[3] == ARGV[4] then return {'closed'} end
  if state ~= 'active' or c[3] ~= ARGV[4] or c[4] ~= ARGV[7] then return {'fence'} end
end
local offset = c[5] + 1
local at = string.format('%d', offset)
local id = call('XADD', KEYS[2], '*',
  'h', '1 message ' .. epoch .. ' 0 ' .. ARGV[2] .. ' ' .. at)
local stamp = string.match(id, '^%d+')
local now = head[3] + math.max(0, math.min(2000, stamp - head[2]))
call('XADD', KEYS[5], at .. '-0', 'h', epoch .. ' ' .. stamp .. ' ' .. said, 'b', ARGV[8])
call('HSET', KEYS[4], 'off', at, 'last', string.format('%d', now),
  said, at .. ' ' .. stamp .. ' ' .. epoch)
if c[6] ~= ARGV[5] then -- as notify.lua does, without its helpers
  local notice = ' entry ' .. ARGV[2] .. ' ' .. epoch .. ' ' .. at .. ' ' .. stamp .. ' message -\n'
    .. ARGV[8]
  for node in string.gmatch(c[6], '%S+') do
    if node ~= ARGV[5] then
      call('PUBLISH', KEYS[3] .. ':' .. node, call('HINCRBY', KEYS[3], node, 1) .. notice)
    end
  end
end
return {'ok', offset, tonumber(stamp), epoch}
