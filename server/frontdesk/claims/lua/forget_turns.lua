-- include: desk
-- forget_turns: turns of rules and reps that are no more leave the rotation. One that has moved
-- since it was looked at is in use, whatever the caller thinks, and stays.
-- KEYS 1 meta 2 rot
-- ARGV 1 epoch 2.. field, value as it was looked at
-- Returns ok(how many left)
local gone = {}
for i = 2, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then gone[#gone + 1] = ARGV[i] end
end
if #gone > 0 then redis.call('HDEL', KEYS[2], unpack(gone)) end
return {'ok', #gone}
