-- Tells nodes, each once, with the next number of its inbox (R8.1). `nodes` is a list of names
-- parted by spaces; the caller's own node learns from the answer instead.
local function others(nodes, except)
  if nodes == except then return {} end
  local found, told = {}, {[except] = true}
  for node in string.gmatch(nodes, '%S+') do
    if not told[node] then
      told[node] = true
      found[#found + 1] = node
    end
  end
  return found
end

local function tell(inbox, found, notice)
  for _, node in ipairs(found) do
    local sequence = redis.call('HINCRBY', inbox, node, 1)
    redis.call('PUBLISH', inbox .. ':' .. node, int(sequence) .. ' ' .. notice)
  end
end

local function notify(inbox, nodes, except, notice)
  tell(inbox, others(nodes, except), notice)
end

-- `list` with `name` in it once.
local function with(list, name)
  if not list or list == '' then return name end
  if string.find(' ' .. list .. ' ', ' ' .. name .. ' ', 1, true) then return list end
  return list .. ' ' .. name
end

local function without(list, name)
  local kept = {}
  for other in string.gmatch(list or '', '%S+') do
    if other ~= name then kept[#kept + 1] = other end
  end
  return table.concat(kept, ' ')
end
