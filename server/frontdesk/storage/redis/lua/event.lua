-- What happened, for every reader of the desk's stream. The first field says what, where and when:
-- `version kind epoch wall conversation offset` ('-' and 0: of none). Bodies stay in the log. More
-- fields follow as name, value pairs. One field for six: each costs Redis as much as a short body.
local function event(ev, kind, conversation, ...)
  redis.call('XADD', ev, '*', 'h',
    '1 ' .. kind .. ' ' .. epoch .. ' ' .. stamp .. ' ' .. conversation .. ' 0', ...)
end
