-- include: desk, notify
-- ringing: the cards of those waiting conversations that ring for a rep now (PR-2). One call for many
-- of them: a desk with hundreds waiting would be asked hundreds of times, by each rep who comes.
-- KEYS 1 meta 2.. the ring and the c of each, in turn
-- ARGV 1 epoch 2 rep 3 node: it hears from now on how those rings end ('' = nobody shows them)
-- Returns ok(which of them, at, expires, about, extra, which, …)
local found = {}
for i = 2, #KEYS, 2 do
  local ring, c = redis.call('HGET', KEYS[i], ARGV[2]), KEYS[i + 1]
  if ring == 'offered' or ring == 'seen' then
    local f = redis.call('HMGET', c, 'state', 'at', 'expires', 'about', 'extra', 'until',
      'rnodes')
    if f[1] == 'requested' then
      local rnodes = ARGV[3] == '' and f[7] or with(f[7], ARGV[3])
      if rnodes ~= f[7] then redis.call('HSET', c, 'rnodes', rnodes) end
      local card = f[6] and f[6] ~= '' and f[6] or f[3]
      for _, value in ipairs({i / 2, f[2], card, f[4], f[5]}) do found[#found + 1] = value end
    end
  end
end
return {'ok', found}
