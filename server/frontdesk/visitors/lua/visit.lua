-- visit: a visitor is here, on a page: their session goes on, or a new one begins (VS-1).
-- Lives in the slot of visitors, not of the desk: it never decides who holds a conversation.
-- KEYS 1 v:<visitor> 2 at:<node>
-- ARGV 1 session to begin with 2 idle ms 3 gone ms 4 page ('' = only here) 5 kept ms
--      6 here: 1 with a socket on this node | 0 7 node
--      8 landing 9 campaign: JSON of this page, '' if it has none (VS-4)
--      10 known: 1 they showed a token, so that they were here before | 0 11 visitor
-- Returns session, began (ms), pages, new: 0 | 1, sessions, page, about, landing, campaign,
--   conversations, remembered: 0 nothing was left of earlier visits | 1, rule / 'erased'
local time = redis.call('TIME')
local wall = time[1] * 1000 + math.floor(time[2] / 1000)
local v = redis.call('HMGET', KEYS[1], 'session', 'last', 'gone', 'began', 'pages', 'sessions', 'page',
  'about', 'nodes', 'landing', 'campaign', 'conversations', 'rule', 'erased')
if v[14] then return {'erased'} end
local session, fresh, remembered = v[1], 0, v[1] and 1 or 0
if not session and ARGV[6] == '-1' then
  return {ARGV[1], wall, 0, 0, 0, '', '', '', '', 0, 0, ''}  -- forgotten already: they stay gone
end
local last, gone = tonumber(v[2] or '0'), tonumber(v[3] or '0')
if not session or wall - last > tonumber(ARGV[2]) or (gone > 0 and wall - gone > tonumber(ARGV[3])) then
  session, fresh = ARGV[1], 1
  v[4], v[5], v[6] = wall, '0', tonumber(v[6] or ARGV[10]) + 1
  v[10], v[11], v[13] = '', '', ''
end
-- Written is what changed: a page is one of many, and all of it goes to disk.
local changed = {'last', wall}
local function put(name, value)
  changed[#changed + 1] = name
  changed[#changed + 1] = value
end
local pages = tonumber(v[5])
if ARGV[4] ~= '' then
  if ARGV[4] ~= v[7] or fresh == 1 then
    pages = pages + 1
    put('page', ARGV[4])
  end
  v[7] = ARGV[4]
end
if (v[10] or '') == '' and ARGV[8] ~= '' then
  v[10] = ARGV[8]
  put('landing', v[10])
elseif fresh == 1 then
  put('landing', '')
end
if ARGV[9] ~= '' and ARGV[9] ~= v[11] then
  v[11] = ARGV[9]
  put('campaign', v[11])
elseif fresh == 1 then
  put('campaign', '')
end
local nodes = v[9] or ''
if ARGV[6] == '1' and not string.find(' ' .. nodes .. ' ', ' ' .. ARGV[7] .. ' ', 1, true) then
  nodes = nodes == '' and ARGV[7] or nodes .. ' ' .. ARGV[7]
  put('nodes', nodes)
  redis.call('SADD', KEYS[2], ARGV[11])
end
if nodes == '' or gone > 0 or fresh == 1 then put('gone', nodes == '' and wall or 0) end
if pages ~= tonumber(v[5]) or fresh == 1 then put('pages', pages) end
if fresh == 1 then
  for name, value in pairs({session = session, began = v[4], sessions = v[6], rule = ''}) do
    put(name, value)
  end
end
redis.call('HSET', KEYS[1], unpack(changed))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {session, tonumber(v[4]), pages, fresh, tonumber(v[6]), v[7] or '', v[8] or '', v[10] or '',
  v[11] or '', tonumber(v[12] or '0'), remembered, v[13] or ''}
