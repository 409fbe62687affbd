-- retire: closed conversations are in SQL to their last entry; their keys go in ten minutes (R3.3).
-- Open ones lose the entries that SQL has and nobody needs soon (64 kB a log), and forget what
-- nobody repeats any more. Many at once: each chat ends here, and each by itself.
-- KEYS 1 meta, then of each: c log ring
-- ARGV 1 epoch 2 seconds 3 kept entries, then of each: archived offset
-- Returns of each ok / open(trimmed) / behind
local call = redis.call
local epoch = call('HGET', KEYS[1], 'epoch') -- no time is needed
if epoch ~= ARGV[1] then return {'epoch'} end
local seconds, kept = ARGV[2], ARGV[3]

local function retire(c, log, ring, archived)
  local state, off = unpack(call('HMGET', c, 'state', 'off'))
  if not state then return {'ok'} end
  archived = tonumber(archived)
  if state == 'closed' then
    if tonumber(off) > archived then return {'behind'} end
    call('EXPIRE', c, seconds)
    call('EXPIRE', log, seconds)
    call('EXPIRE', ring, seconds)
    return {'ok'}
  end
  -- What was said is remembered for retries: of the last thousand, at most.
  if call('HLEN', c) > 1200 then
    local flat, lowest = call('HGETALL', c), tonumber(off) - 1000
    for i = 1, #flat, 2 do
      if string.find(flat[i], '^[vr]:') and tonumber(string.match(flat[i + 1], '^%d+')) < lowest then
        call('HDEL', c, flat[i])
      end
    end
  end
  local floor = archived - kept
  if floor < 1 then return {'open', 0} end
  return {'open', call('XTRIM', log, 'MINID', floor .. '-0')}
end

local answers = {}
for i = 4, #ARGV do
  local key = 3 * i - 10
  answers[i - 3] = retire(KEYS[key], KEYS[key + 1], KEYS[key + 2], ARGV[i])
end
return answers
