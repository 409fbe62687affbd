-- The head of every verb of a desk. KEYS[1] meta, ARGV[1] the caller's epoch.
-- Refuses a caller of another incarnation (R1.2) and reads the desk clock, without writing: `peek`
-- alone advances it, at least twice a second while any node lives. Gives `epoch`, `wall` (ms since
-- 1970, shown to people), `now` (ms of the desk clock, for deadlines), `quiet` (after a new
-- incarnation nobody is declared missing yet) and `pressure` (percent of memory).
local head = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'now', 'quiet_until', 'pressure')
local epoch = head[1]
if epoch ~= ARGV[1] then return {'epoch'} end
local time = redis.call('TIME')
local wall = time[1] * 1000 + math.floor(time[2] / 1000)
local now = tonumber(head[3]) + math.max(0, math.min(2000, wall - tonumber(head[2])))
local quiet = now < tonumber(head[4] or '0')
local pressure = tonumber(head[5] or '0')
