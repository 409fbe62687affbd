-- visit: a visitor is here, on a page: their session goes on, or a new one begins (VS-1).
-- Lives in the slot of visitors, not of the desk: it never decides who holds a conversation.
-- KEYS 1 v:<visitor>
-- ARGV 1 session to begin with 2 idle ms 3 gone ms 4 page ('' = only here) 5 about ('' = unchanged)
--      6 kept ms 7 tab: 1 a socket opened on this
--      node | -1 the node's last one closed | 0 8 node
-- Returns session, began (ms), pages, new: 0 | 1, sessions, page, about
local time = redis.call('TIME')
local wall = time[1] * 1000 + math.floor(time[2] / 1000)
local v = redis.call('HMGET', KEYS[1], 'session', 'last', 'gone', 'began', 'pages', 'sessions', 'page',
  'about', 'nodes')
local session, fresh = v[1], 0
local last, gone = tonumber(v[2] or '0'), tonumber(v[3] or '0')
if not session or wall - last > tonumber(ARGV[2]) or (gone > 0 and wall - gone > tonumber(ARGV[3])) then
  session, fresh = ARGV[1], 1
  v[4], v[5], v[6] = wall, '0', tonumber(v[6] or '0') + 1
end
local pages = tonumber(v[5])
if ARGV[4] ~= '' then
  if ARGV[4] ~= v[7] or fresh == 1 then pages = pages + 1 end
  v[7] = ARGV[4]
end
if ARGV[5] ~= '' then v[8] = ARGV[5] end
local nodes = {}
for node in string.gmatch(v[9] or '', '%S+') do
  if node ~= ARGV[8] then nodes[#nodes + 1] = node end
end
if ARGV[7] ~= '-1' then nodes[#nodes + 1] = ARGV[8] end
redis.call('HSET', KEYS[1], 'session', session, 'last', wall, 'gone', #nodes == 0 and wall or 0,
  'nodes', table.concat(nodes, ' '),
  'began', v[4], 'pages', pages, 'sessions', v[6], 'page', v[7] or '', 'about', v[8] or '')
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return {session, tonumber(v[4]), pages, fresh, tonumber(v[6]), v[7] or '', v[8] or ''}
