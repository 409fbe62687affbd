-- include: desk
-- rate: may it be done once more? Each bucket lets so many through at once, and one each so many ms.
-- What is refused costs nothing: its sender may ask again when the wait is over. A bucket goes away
-- when it is full again (R3.3: nobody's state depends on it).
-- KEYS 1 meta 2.. buckets
-- ARGV 1 epoch 2.. of each bucket: ms for one, how many at once
-- Returns ok / wait(ms)
local fresh, wait = {}, 0
for i = 2, #KEYS do
  local each, most = tonumber(ARGV[2 * i - 2]), tonumber(ARGV[2 * i - 1])
  -- The time at which it is full again; never later than empty, whatever the host's clock did.
  local full = tonumber(redis.call('GET', KEYS[i]) or '0')
  full = math.min(math.max(full, wall), wall + each * most) + each
  fresh[i] = full
  wait = math.max(wait, full - wall - each * most)
end
if wait > 0 then return {'wait', math.ceil(wait)} end
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], int(fresh[i]), 'PX', int(fresh[i] - wall))
end
return {'ok'}
