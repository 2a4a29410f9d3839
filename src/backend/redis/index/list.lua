-- The sessions of a reference, from a place in its index on: id, place, and the milliseconds that are left
-- for it. An entry whose session is gone, or belongs to another one by now, is removed, and -2 is left for it.
-- KEYS: the index, all references. ARGV: the reference, the place, how many; what a record's key begins
-- with, and what stands around the id in the key of its own reference.
local call, found, gone = redis.call, {}, false
local entries = call('ZRANGEBYSCORE', KEYS[1], ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
for number = 1, #entries, 2 do
  local id = entries[number]
  local left = call('PTTL', ARGV[4] .. id)
  if left == -2 or call('GET', ARGV[5] .. id .. ARGV[6]) ~= ARGV[1] then
    call('ZREM', KEYS[1], id)
    left, gone = -2, true
  end
  found[number], found[number + 1] = id, entries[number + 1]
  entries[number] = left
end
if gone and call('EXISTS', KEYS[1]) == 0 then call('ZREM', KEYS[2], ARGV[1]) end
local lefts = {}
for number = 1, #entries, 2 do lefts[#lefts + 1] = entries[number] end
return {found, lefts}
