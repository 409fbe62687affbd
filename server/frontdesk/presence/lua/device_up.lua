-- include: desk, notify, rep, presence
-- device_up: a rep's tab is connected to a node (PR-1, PR-2). The later connection owns the device;
-- the earlier one is told, and asks for a new id. A device of another rep is refused. What is
-- connected elsewhere is taken over only from whom the caller names: this command may come late, of
-- a socket whose client is long back on the node that has it now.
-- KEYS 1 meta 2 ev 3 inbox 4 reps 5 dev 6 due 7 nodes 8 queue 9 held
-- ARGV 1 epoch 2 device 3 rep 4 node 5 nonce 6 capacity 7 again: 1 = attached again by a node that
--      was cut off: it doesn't take back what is connected elsewhere by now
--      8 nonce of the connection that it may be taken from ('': none)
-- Returns ok(status, became online: 0 | 1, waiting requests) / superseded / elsewhere(its nonce)
local device, name, node, nonce = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local known = redis.call('HGET', KEYS[5], device)
if known then
  local owner, _, last, is = string.match(known, '^([^|]+)|([^|]+)|([^|]+)|(%a+)$')
  if owner ~= name or (ARGV[7] == '1' and last ~= nonce) then return {'superseded'} end
  if last ~= nonce and is ~= 'grace' and last ~= ARGV[8] then return {'elsewhere', last} end
end
local rep = rep_read(redis.call('HGET', KEYS[4], name)) or
  {availability = 'away', load = 0, since = wall, cause = 'new', devices = ''}
local was_online = rep.devices ~= ''
rep.capacity = tonumber(ARGV[6])
rep.load = redis.call('SCARD', KEYS[9])
local others = without_device(rep.devices, device)
rep.devices = (others == '' and '' or others .. ' ') .. device .. '@' .. node
-- A tab that is new here has somebody before it; one that is merely attached again may have nobody.
local state = ARGV[7] == '1' and known and string.find(known, '|idle$') and '|idle' or '|live'
redis.call('HSET', KEYS[5], device, name .. '|' .. node .. '|' .. nonce .. state)
if not was_online then rep.since = wall end
local o = {ev = KEYS[2], inbox = KEYS[3], nodes = KEYS[7], node = node, dev = KEYS[5]}
local used = look_idle(o, rep)
rep_write(KEYS[4], name, rep)
if known then
  local old_node, old_nonce = string.match(known, '^[^|]+|([^|]+)|([^|]+)|')
  if old_nonce ~= nonce then
    notify(KEYS[3], old_node, node, 'superseded ' .. device .. ' ' .. old_nonce .. '\n')
  end
end
if not was_online or used then
  presence_changed(o, name, rep, was_online and rep.availability or 'online')
  drain_for(KEYS[6], KEYS[8], name, rep)
end
redis.call('ZREM', KEYS[6], 'device:' .. device)
return {'ok', redis.call('HGET', KEYS[4], name), was_online and 0 or 1, redis.call('ZCARD', KEYS[8])}
