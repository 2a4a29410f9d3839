-- What a session needs done at once. One script, so that a server that took the lock with it also
-- knows how to give the lock back.
--
-- KEYS: the record, its lock, the queue of those that wait for the lock. Where sessions have references
-- two more for what stores and ends them: the session's own reference, and, but not in a cluster, the set
-- of all references, from whose name follow those of the sets of their sessions.
-- ARGV: the action; a database to be sure of, or ""; then what the action wants.
--
-- The lock holds "TOKEN LEASE TEXT": the owner's 32 digits, the lease in milliseconds, and who that
-- is; or "TOKEN " while it is on its way to a waiter. A lock of another kind of client holds anything
-- else. A waiter is its token in the queue, a key that shows that it is alive, and a list that it
-- blocks on. All of them expire by themselves.
local call = redis.call
local record, lock, queue = KEYS[1], KEYS[2], KEYS[3]
local action = ARGV[1]
if ARGV[2] ~= '' then call('SELECT', ARGV[2]) end

-- No lease is shorter than a hand-over, so that a dead waiter delays nobody for longer than a dead holder.
local HANDOVER_MS = 1000
local ALIVE_MS = 2500
local QUEUE_MS = 10000

-- As a rule nobody waits, and then nothing of what waiting needs is made: functions cost time too.
local pass_on
if call('EXISTS', queue) == 1 then
  -- Gives the lock to the first waiter that is alive and wakes it. True if nobody waits before `me`:
  -- the lock is then the caller's to take or to delete.
  pass_on = function(me)
    local heir = call('LPOP', queue)
    while heir and heir ~= me do
      local wake = queue .. ':' .. heir
      if call('EXISTS', wake .. ':alive') == 1 then
        -- While a cluster moves the slot this may fail; the lock is still the caller's then.
        call('RPUSH', wake, '1')
        call('PEXPIRE', wake, HANDOVER_MS)
        call('SET', lock, heir .. ' ', 'PX', HANDOVER_MS)
        return false
      end
      heir = call('LPOP', queue)
    end
    return true
  end
end

if KEYS[4] then
  -- Stores, keeps or ends a session together with its reference and the index.
  -- token ("" without a lock), lifetime, flags, id, reference, data if it was sent along
  -- Answers: 0 the lease was lost, 1 done, 2 the data is needed, 3 the session was ended, 4 done, and the
  -- session came to its reference only now.
  local own, all, token, ttl = KEYS[4], KEYS[5], ARGV[3], ARGV[4]
  local assignment, existing, running = string.byte(ARGV[5], 1, 3)
  if token ~= '' then
    local found = call('GETRANGE', lock, 0, 31)
    local may = found == token or (action == 'keep' and found == '' and running == 49)
    -- Whoever ends a session ends it without the lock, too.
    if not may and action ~= 'end' then return 0 end
    if found ~= token then token = '' end
  end
  local there, before = call('EXISTS', record) == 1, call('GET', own)
  local answer, after, done = 1, there and before or false, nil
  if assignment == 115 then after = ARGV[7] elseif assignment == 99 then after = false end
  if action == 'end' then
    call('DEL', record)
    after = false
  elseif existing == 49 and not there then
    answer, after = 3, false
  elseif action == 'keep' and there then
    call('PEXPIRE', record, ttl)
  elseif not ARGV[8] then
    -- Only `keep` comes without the data. The lock stays until it comes with it.
    return 2
  else
    done = redis.pcall('SET', record, ARGV[8], 'PX', ttl)
    -- A refused write changes nothing.
    if done.err then after = before end
  end
  if not (done and done.err) then
    if after then call('SET', own, after, 'PX', ttl) elseif before then call('DEL', own) end
    if all then
      local base = string.sub(all, 1, -2) .. ':'
      if before and before ~= after then
        call('ZREM', base .. before, ARGV[6])
        if call('EXISTS', base .. before) == 0 then call('ZREM', all, before) end
      end
      -- Not only when it changed: an entry that got lost comes back.
      if after then
        local now = call('TIME')
        if call('ZADD', base .. after, 'NX', now[1] .. string.format('%06d', now[2]), ARGV[6]) == 1 then
          call('ZADD', all, 0, after)
        end
      end
    end
    if answer == 1 and after and (before ~= after or not there) then answer = 4 end
  end
  if token ~= '' and (not pass_on or pass_on('')) then call('DEL', lock) end
  if done and done.err then return done end
  return answer
end

if action == 'write' then
  -- token, lifetime, data
  if call('GETRANGE', lock, 0, 31) ~= ARGV[3] then return 0 end
  local done = redis.pcall('SET', record, ARGV[5], 'PX', ARGV[4])
  if not pass_on or pass_on('') then call('DEL', lock) end
  if done.err then return done end
  return 1
end

if action == 'touch' then
  -- token, lifetime, already extended, the lease is still running, data if it was sent along
  local found = call('GETRANGE', lock, 0, 31)
  if found ~= ARGV[3] and (found ~= '' or ARGV[6] == '0') then return 0 end
  local there
  if ARGV[5] == '1' then there = call('EXISTS', record) else there = call('PEXPIRE', record, ARGV[4]) end
  local done
  if there == 0 then
    if not ARGV[7] then return 2 end
    done = redis.pcall('SET', record, ARGV[7], 'PX', ARGV[4])
  end
  if found == ARGV[3] and (not pass_on or pass_on('')) then call('DEL', lock) end
  if done and done.err then return done end
  return 1
end

local function owner() return call('GETRANGE', lock, 0, 31) end

local function release() if not pass_on or pass_on('') then call('DEL', lock) end end

local function load(extend)
  if extend == '0' then return redis.pcall('GET', record) end
  return redis.pcall('GETEX', record, 'PX', extend)
end

if action == 'open' or action == 'join' or action == 'claim' then
  -- Answers with the record, with 1 for the lock without a record, with 0 if there is no record and
  -- so no lock, or with who has the lock and for how long, and a third value if too many wait for it.
  -- `join` is `open` for those that block right behind it and claim then: what it would answer is left
  -- for the claim to find, and the caller is woken where that need not wait.
  -- value, lease, take it though there is no record, read ("" no, "0" as it is, else extend),
  -- wait in the queue ("" no, "0" with however many, else with at most so many)
  local value, lease, most = ARGV[3], ARGV[4], ARGV[7]
  local me = string.sub(value, 1, 32)
  local wake = queue .. ':' .. me
  local function leave()
    call('LREM', queue, 0, me)
    call('DEL', wake, wake .. ':alive')
    if owner() == me then release() end
  end
  local function wake_up()
    call('RPUSH', wake, '1')
    call('PEXPIRE', wake, HANDOVER_MS)
    return 1
  end
  local function is_crowded()
    if most == '0' or call('LLEN', queue) < tonumber(most) then return false end
    -- The dead do not count.
    for _, token in ipairs(call('LRANGE', queue, 0, -1)) do
      if call('EXISTS', queue .. ':' .. token .. ':alive') == 0 then call('LREM', queue, 0, token) end
    end
    return call('LLEN', queue) >= tonumber(most)
  end

  if ARGV[5] == '0' and call('EXISTS', record) == 0 then
    if action == 'join' then return wake_up() end
    if action == 'claim' then leave() end
    return 0
  end
  local mine
  if call('SET', lock, value, 'NX', 'PX', lease) then
    -- It was free. Still, those in the queue were here before.
    mine = not pass_on or pass_on(me)
  elseif owner() == me then
    call('SET', lock, value, 'PX', lease)
    mine = true
  end
  if not mine then
    local crowded
    if most ~= '' then
      if not call('LPOS', queue, me) then
        crowded = is_crowded()
        if not crowded then call('RPUSH', queue, me) end
      end
      if not crowded then
        call('PEXPIRE', queue, QUEUE_MS)
        call('SET', wake .. ':alive', '1', 'PX', ALIVE_MS)
      end
    end
    if action == 'join' then return crowded and wake_up() or 1 end
    if action == 'claim' and (crowded or most == '') then leave() end
    return {call('GET', lock) or '', call('PTTL', lock), crowded and 1 or nil}
  end
  if action == 'join' then return wake_up() end
  if action == 'claim' then call('DEL', wake, wake .. ':alive') end
  if ARGV[6] == '' then return 1 end
  local data = load(ARGV[6])
  if type(data) == 'table' and data.err then
    release()
    return data
  end
  return data or 1
end

if action == 'destroy' then
  -- token
  call('DEL', record)
  if owner() == ARGV[3] then release() end
  return 1
end

if action == 'renew' then
  -- token, lease
  if owner() ~= ARGV[3] then return 0 end
  return call('PEXPIRE', lock, ARGV[4])
end

if action == 'free' then
  -- token
  if owner() ~= ARGV[3] then return 0 end
  release()
  return 1
end

-- 'read': extend
return load(ARGV[3])
