-- References from one on, in the order of their bytes, that have a session. Entries that are wrong are
-- removed on the way, until one is found that is right.
-- KEYS: all references. ARGV: from where, how many; what a record's key begins with, and what stands
-- around the id in the key of its own reference.
-- Answers with what was found, whether there may be more, and the last that was looked at, or "".
local call, found, last = redis.call, {}, ''
local base = string.sub(KEYS[1], 1, -2) .. ':'
-- A server serves nobody else meanwhile.
local budget = 2000
local names = call('ZRANGEBYLEX', KEYS[1], ARGV[1], '+', 'LIMIT', 0, ARGV[2])
for _, name in ipairs(names) do
  local index, live, ids = base .. name, false, nil
  repeat
    ids = call('ZRANGE', index, 0, 9)
    for _, id in ipairs(ids) do
      budget = budget - 1
      live = call('EXISTS', ARGV[3] .. id) == 1 and call('GET', ARGV[4] .. id .. ARGV[5]) == name
      if live then break end
      call('ZREM', index, id)
    end
  until live or #ids == 0 or budget <= 0
  if not live and #ids > 0 then return {found, 1, last} end
  if live then found[#found + 1] = name else call('ZREM', KEYS[1], name) end
  last = name
  if budget <= 0 then return {found, 1, last} end
end
return {found, #names == tonumber(ARGV[2]) and 1 or 0, last}
