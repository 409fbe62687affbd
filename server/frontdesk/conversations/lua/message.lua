-- include: desk, notify, log
-- message: one more entry of the log, numbered (CH-3). A retry is looked up before the state and
-- the fence, so that it gets its offset even after a close or a transfer (R6.4).
-- KEYS 1 meta 2 ev 3 inbox 4 c 5 log 6 seen
-- ARGV 1 epoch 2 conversation 3 side: v | r 4 who 5 node 6 client id 7 fence 8 body
-- Returns ok(offset, wall, epoch it was written under or '') / fence / closed / forbidden
--         / not_found
local sender = ARGV[3] .. ':' .. ARGV[4]
local key = sender .. ' ' .. ARGV[6]
local seen = redis.call('HGET', KEYS[6], key)
if seen then
  local offset, at, written = string.match(seen, '^(%d+) (%d+) ?(.*)$')
  return {'ok', tonumber(offset), tonumber(at), written}
end
local c = redis.call('HMGET', KEYS[4], 'state', 'visitor', 'rep', 'fence', 'off', 'nodes')
local state = c[1]
if not state then return {'not_found'} end
if ARGV[3] == 'v' then
  if c[2] ~= ARGV[4] then return {'forbidden'} end
  if state ~= 'requested' and state ~= 'active' then return {state == 'closed' and 'closed' or 'illegal_move'} end
else
  if state == 'closed' and c[3] == ARGV[4] then return {'closed'} end
  if state ~= 'active' or c[3] ~= ARGV[4] or c[4] ~= ARGV[7] then return {'fence'} end
end
local offset = tonumber(c[5]) + 1
redis.call('HSET', KEYS[4], 'off', int(offset), 'last', int(now))
append(KEYS[5], KEYS[2], ARGV[2], offset, 'message', sender, ARGV[6], ARGV[8])
redis.call('HSET', KEYS[6], key, int(offset) .. ' ' .. stamp .. ' ' .. epoch)
notify_entry(KEYS[3], c[6], ARGV[5], ARGV[2], offset, 'message', ARGV[8])
return {'ok', offset, wall, epoch}
