-- The head of every verb of a desk. KEYS[1] meta, ARGV[1] the caller's epoch.
-- Refuses a caller of another incarnation (R1.2) and reads the desk clock, without writing: `peek`
-- alone advances it, at least twice a second while any node lives. Gives `epoch`, `wall` (ms since
-- 1970, shown to people; `stamp` is the same as text), `now` (ms of the desk clock, for deadlines),
-- `quiet` (after a new incarnation nobody is declared missing yet) and `pressure` (percent of
-- memory).
local head = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'now', 'quiet_until', 'pressure')
local epoch = head[1]
if epoch ~= ARGV[1] then return {'epoch'} end

-- A whole number as text: handed over as a number it is printed as a double, which costs Redis
-- more than the rest of the argument (4 % of a message in all).
local function int(number) return string.format('%d', number) end

local time = redis.call('TIME')
local stamp = time[1] .. string.format('%03d', math.floor(time[2] / 1000))
local wall = tonumber(stamp)
local now = tonumber(head[3]) + math.max(0, math.min(2000, wall - tonumber(head[2])))
local quiet = now < tonumber(head[4] or '0')
local pressure = tonumber(head[5] or '0')
