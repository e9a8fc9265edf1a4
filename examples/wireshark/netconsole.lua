-- SPDX-License-Identifier: MIT
-- Netconsole in Wireshark and tshark: what Linux sends over UDP, basic and extended.
--
-- Install: copy this file to ~/.local/lib/wireshark/plugins (Help > About > Folders names the place), or
--   tshark -X lua_script:netconsole.lua -r crash.pcap -O netconsole
-- Ports: 6666, or those of the preferences; extended packets are recognised on every port.
--
-- Filters: netconsole.text contains "I/O error"    netconsole.level <= 3    netconsole.crash
--          netconsole.userdata == "host=web17"     netconsole.sysdata.cpu == 3     netconsole.lost

local netconsole = Proto("netconsole", "Linux netconsole")

local levels = {
  [0] = "emerg", [1] = "alert", [2] = "crit", [3] = "err", [4] = "warning", [5] = "notice", [6] = "info", [7] = "debug",
}
local forms = { [0] = "basic", [1] = "extended" }

local fields = {
  form = ProtoField.uint8("netconsole.form", "Form", base.DEC, forms),
  release = ProtoField.string("netconsole.release", "Release of the kernel"),
  replayed = ProtoField.bool("netconsole.replayed", "Repeated at a panic"),
  priority = ProtoField.uint16("netconsole.priority", "Priority"),
  facility = ProtoField.uint8("netconsole.facility", "Facility"),
  level = ProtoField.uint8("netconsole.level", "Level", base.DEC, levels),
  sequence = ProtoField.uint64("netconsole.sequence", "Sequence number"),
  timestamp = ProtoField.uint64("netconsole.timestamp", "Microseconds since boot"),
  flag = ProtoField.string("netconsole.flag", "Flag"),
  caller = ProtoField.string("netconsole.caller", "Caller"),
  field = ProtoField.string("netconsole.field", "Field"),
  offset = ProtoField.uint32("netconsole.fragment.offset", "Offset of the fragment"),
  total = ProtoField.uint32("netconsole.fragment.total", "Size of the whole body"),
  fragment = ProtoField.framenum("netconsole.fragment", "Fragment", base.NONE, frametype.NONE),
  reassembled_in = ProtoField.framenum("netconsole.reassembled_in", "Whole record in", base.NONE, frametype.NONE),
  -- As on the wire: control bytes, bytes from 0x7f up and the backslash are \xNN.
  text = ProtoField.string("netconsole.text", "Text"),
  dictionary = ProtoField.string("netconsole.dictionary", "Dictionary"),
  userdata = ProtoField.string("netconsole.userdata", "Userdata"),
  key = ProtoField.string("netconsole.key", "Key"),
  value = ProtoField.string("netconsole.value", "Value"),
  cpu = ProtoField.uint32("netconsole.sysdata.cpu", "Processor"),
  taskname = ProtoField.string("netconsole.sysdata.taskname", "Task"),
  sysdata_release = ProtoField.string("netconsole.sysdata.release", "Release"),
  msgid = ProtoField.uint32("netconsole.sysdata.msgid", "Number of the message"),
  lost = ProtoField.uint64("netconsole.lost", "Records missing before this one"),
  damage = ProtoField.string("netconsole.damage", "Damage"),
  crash = ProtoField.string("netconsole.crash", "A crash begins"),
}
netconsole.fields = fields

local experts = {
  malformed = ProtoExpert.new("netconsole.malformed", "Malformed header", expert.group.MALFORMED, expert.severity.ERROR),
  nul_for_newline = ProtoExpert.new("netconsole.damage.nul_for_newline",
    "The kernel sent NUL in place of the newline (6.6 to 7.1)", expert.group.MALFORMED, expert.severity.WARN),
  last_byte_missing = ProtoExpert.new("netconsole.damage.last_byte_missing",
    "The kernel did not send the newline (6.6 to 7.1)", expert.group.MALFORMED, expert.severity.WARN),
  conflict = ProtoExpert.new("netconsole.damage.conflict", "Two fragments disagree about a byte", expert.group.MALFORMED,
    expert.severity.ERROR),
  partial = ProtoExpert.new("netconsole.damage.partial", "Other fragments of this record are not in the capture",
    expert.group.REASSEMBLE, expert.severity.WARN),
  lost = ProtoExpert.new("netconsole.damage.lost", "Records before this one are missing", expert.group.SEQUENCE,
    expert.severity.WARN),
  announced = ProtoExpert.new("netconsole.damage.announced", "The kernel says that it dropped messages",
    expert.group.SEQUENCE, expert.severity.WARN),
  duplicate = ProtoExpert.new("netconsole.duplicate", "A record that came before", expert.group.SEQUENCE,
    expert.severity.NOTE),
  rebooted = ProtoExpert.new("netconsole.rebooted", "The numbers begin again: a reboot", expert.group.SEQUENCE,
    expert.severity.NOTE),
  crash = ProtoExpert.new("netconsole.crash.begins", "A crash begins", expert.group.RESPONSE_CODE, expert.severity.ERROR),
}
netconsole.experts = experts

netconsole.prefs.ports = Pref.range("UDP ports", "6666", "Ports that kernels send to; basic packets are recognised there only",
  65535)

local NOTICE = "** replaying previous printk message **\n"
local MOST_PACKET = 1000
local MOST_BODY = 128 * 1024
local MOST_IN_FLIGHT = 1024
local MOST_PARTS = 256 -- of one record; a kernel sends at most 73
-- Above this a number of Lua 5.2 is no longer exact, and no kernel gets there.
local MOST_NUMBER = 2 ^ 53
-- Two numbers this far apart are of two boots, or packets that overtook each other.
local MOST_BACK = 1024

-- What one reading of the capture remembers. Frames are dissected again and in any order: what was found the first time
-- is kept by frame.
local in_flight, flight_order, wholes, senders, found

function netconsole.init()
  in_flight, flight_order, wholes, senders, found = {}, {}, {}, {}, {}
end

-- The header of an extended packet; nil when it is a basic one.
local function read_header(packet)
  local at, replayed, release = 1, false, nil
  if packet:sub(1, #NOTICE) == NOTICE then
    at, replayed = #NOTICE + 1, true
  end
  local numbers = "^(%d+),(%d+),(%d+),([%-c+])([,;])"
  local first, last, priority, sequence, timestamp, flag, stop = packet:find(numbers, at)
  if not first then
    local comma = packet:find("[,;]", at)
    if not comma or packet:sub(comma, comma) == ";" then return nil end
    release = { first = at, text = packet:sub(at, comma - 1) }
    at = comma + 1
    if packet:sub(at, at + #NOTICE - 1) == NOTICE then
      if replayed then return nil end
      at, replayed = at + #NOTICE, true
    end
    first, last, priority, sequence, timestamp, flag, stop = packet:find(numbers, at)
    if not first then return nil end
  end
  local header = {
    first = first, replayed = replayed, release = release, priority = priority, sequence = sequence,
    timestamp = timestamp, flag = flag, fields = {}, number = tonumber(sequence),
  }
  if #priority > 10 or tonumber(priority) > 2047 then header.wrong = "priority " .. priority .. " is above 2047" end
  local function fits(digits)
    digits = digits:gsub("^0+", "")
    return #digits < 20 or (#digits == 20 and digits <= "18446744073709551615")
  end
  if not fits(sequence) or not fits(timestamp) then header.wrong = "a number above 64 bits" end
  while stop == "," do
    local from, to, field, next_stop = packet:find("([^,;]*)([,;])", last + 1)
    if not from then return nil end
    header.fields[#header.fields + 1] = { first = from, text = field }
    if field:sub(1, 7) == "ncfrag=" then
      local offset, total = field:match("^ncfrag=(%d+)/(%d+)$")
      offset, total = tonumber(offset), tonumber(total)
      if not offset or header.total then
        header.wrong = "ncfrag is not OFFSET/TOTAL"
      elseif total == 0 or total > MOST_BODY then
        header.wrong = "no record has " .. total .. " bytes"
      else
        header.offset, header.total = offset, total
      end
    elseif field:sub(1, 7) == "caller=" and not header.caller then
      header.caller = field:sub(8)
    end
    last, stop = to, next_stop
  end
  header.body = last + 1
  if header.total then
    local size = #packet - header.body + 1
    if size == 0 then
      header.wrong = "an empty fragment"
    elseif header.offset + size > header.total then
      header.wrong = "the fragment reaches beyond its total"
    end
  end
  return header
end

-- Lines that begin a crash, as patterns at the beginning of the text.
local crash_openings = {
  "^BUG: ", "^BUG [%w_%-]+ ", "^kernel BUG at ", "^Kernel BUG at ", "^Oops[: ]", "^Internal error: ", "^Kernel panic %- not syncing",
  "^WARNING: ", "^UBSAN: ", "^Unable to handle kernel ", "^general protection fault", "^divide error: ",
  "^double fault: ", "^stack segment: ", "^invalid opcode: ", "^INFO: task .* blocked for more than ",
  "^INFO: rcu_%w+ .*detected", "^rcu: INFO: .*detected", "^watchdog: BUG: ", "^watchdog: .*hard LOCKUP", "^NMI watchdog: ",
  "^unregister_netdevice: waiting for ", "^VFS: Busy inodes after unmount", "^Kernel stack overflow",
  "^Unhandled fault: ", "^unreferenced object 0x", "^Kernel bug detected", "^Internal error in ",
}

local function crash_of(text)
  for _, opening in ipairs(crash_openings) do
    if text:find(opening) then return text end
  end
end

-- The escapes that only keep UTF-8 and the backslash off the wire; those of control bytes stay.
local function readable(text)
  return (text:gsub("\\x(%x%x)", function(digits)
    local byte = tonumber(digits, 16)
    if byte >= 0x80 or byte == 0x5c then return string.char(byte) end
  end))
end

local function report_damage(tree, expert, text)
  tree:add(fields.damage, text):set_generated()
  tree:add_proto_expert_info(expert, text)
end

local function bytes_of(text)
  return ByteArray.new(text, true)
end

-- Adds a fragment to those of its record, which may overlap: a kernel that stops a record midway at a panic sends it again,
-- and the notice before it leaves less room in each packet. Says whether it disagrees with others, or brings nothing new.
local function add_part(entry, offset, body)
  local conflict, known = false, 0
  for _, part in ipairs(entry.parts) do
    local from, to = math.max(offset, part.offset), math.min(offset + #body, part.offset + #part.body)
    if from < to then
      conflict = conflict or body:sub(from - offset + 1, to - offset)
        ~= part.body:sub(from - part.offset + 1, to - part.offset)
      known = math.max(known, to - from)
    end
  end
  if known < #body and #entry.parts < MOST_PARTS then
    entry.parts[#entry.parts + 1] = { offset = offset, body = body }
    entry.size = entry.size + #body
  end
  return conflict, known == #body and not conflict
end

-- The whole body; nil while bytes of it are missing.
local function join(entry)
  if entry.size < entry.total then return nil end
  table.sort(entry.parts, function(a, b) return a.offset < b.offset end)
  local whole, at = {}, 0
  for _, part in ipairs(entry.parts) do
    if part.offset > at then return nil end
    whole[#whole + 1] = part.body:sub(at - part.offset + 1)
    at = math.max(at, part.offset + #part.body)
  end
  return at >= entry.total and table.concat(whole) or nil
end

-- Puts fragments together. Returns what the frame shows: the whole body in the frame that completes it, the frames of all.
-- Copies of a record may differ in their total: one that comes whole is enough.
local function add_fragment(record, header, body, frame)
  if wholes[record] then return { record = wholes[record], duplicate = true } end
  local key = record .. " " .. header.total
  local entry = in_flight[key]
  if not entry then
    entry = { id = record, total = header.total, size = 0, parts = {}, shown = {} }
    in_flight[key] = entry
    flight_order[#flight_order + 1] = key
    if #flight_order > MOST_IN_FLIGHT then in_flight[table.remove(flight_order, 1)] = nil end
  end
  local shown = { record = entry }
  entry.shown[#entry.shown + 1] = frame
  shown.conflict, shown.duplicate = add_part(entry, header.offset, body)
  entry.whole = join(entry)
  if not entry.whole then return shown end
  entry.in_frame, wholes[record] = frame, entry
  in_flight[key] = nil
  for index, one in ipairs(flight_order) do
    if one == key then table.remove(flight_order, index) break end
  end
  return shown
end

-- What the number says beside those before it: missing ones, a reboot, a record that came before.
local function follow(sender, header, text, shown)
  local state = senders[sender]
  local number = header.number
  if number >= MOST_NUMBER then return end
  if not state then
    senders[sender] = { next = number + 1, seen = { [number] = header.timestamp .. text }, missing = {} }
    return
  end
  if number >= state.next then
    if number > state.next then
      shown.lost = number - state.next
      if shown.lost <= MOST_BACK then
        for one = state.next, number - 1 do state.missing[one] = true end
      end
    end
    state.next = number + 1
  elseif state.seen[number] == header.timestamp .. text then
    shown.duplicate = true
  elseif state.missing[number] then
    state.missing[number] = nil
  elseif state.seen[number] or state.next - number > MOST_BACK then
    shown.rebooted = true
    senders[sender] = { next = number + 1, seen = {}, missing = {} }
    state = senders[sender]
  end
  state.seen[number] = header.timestamp .. text
  state.seen[number - MOST_BACK] = nil
end

-- A string of Lua and the bytes of the packet that it comes from.
local function piece(range, first, last)
  return range(first - 1, last - first + 1)
end

-- Sysdata is last and in the order in which the kernel appends it; nothing else tells it from userdata.
local sysdata_order = { cpu = 1, taskname = 2, release = 3, msgid = 4 }

local function read_lines(body, at)
  local lines = {}
  while at <= #body do
    local stop = body:find("\n", at, true) or #body + 1
    local first = body:sub(at, at) == " " and at + 1 or at
    local text = body:sub(first, stop - 1)
    local equals = text:find("=", 1, true)
    lines[#lines + 1] = {
      first = first, last = stop - 1, text = text, key = equals and text:sub(1, equals - 1) or text,
      value = equals and text:sub(equals + 1) or "",
    }
    at = stop + 1
  end
  local last = 5
  for index = #lines, 1, -1 do
    local order = sysdata_order[lines[index].key]
    if not order or order >= last then break end
    lines[index].kind, last = "sysdata", order
  end
  for _, line in ipairs(lines) do
    if line.kind or (line.key ~= "SUBSYSTEM" and line.key ~= "DEVICE") then break end
    line.kind = "dictionary"
  end
  return lines
end

local sysdata_fields = { taskname = fields.taskname, release = fields.sysdata_release }

local function show_line(tree, line, range)
  if line.last < line.first then
    tree:add(fields.userdata, "")
    return
  end
  local bytes = piece(range, line.first, line.last)
  if line.kind == "sysdata" and (line.key == "cpu" or line.key == "msgid") and line.value:match("^%d+$")
      and #line.value <= 10 then
    tree:add(fields[line.key], bytes, tonumber(line.value))
  elseif line.kind == "sysdata" and sysdata_fields[line.key] then
    tree:add(sysdata_fields[line.key], bytes, line.value)
  else
    local item = tree:add(line.kind == "dictionary" and fields.dictionary or fields.userdata, bytes, line.text)
    item:add(fields.key, bytes, line.key)
    item:add(fields.value, bytes, line.value)
  end
end

local function show_text(tree, range, first, last, text)
  local item
  if last >= first then
    item = tree:add(fields.text, piece(range, first, last), text)
  else
    item = tree:add(fields.text, text)
  end
  local crash = crash_of(text)
  if crash then
    tree:add(fields.crash, crash):set_generated()
    item:add_proto_expert_info(experts.crash, "A crash begins: " .. crash)
  end
  if text:find("^%*%* %d+ printk messages dropped %*%*") or text:find("messages dropped by rate limit") then
    report_damage(item, experts.announced, "the kernel says that it dropped messages")
  end
  return crash
end

-- The text and the lines after it of a whole record.
local function show_body(tree, range, body)
  local stop = body:find("\n", 1, true)
  local text = body:sub(1, (stop or #body + 1) - 1)
  if not stop and text:sub(-1) == "\0" then text = text:sub(1, -2) end
  local crash = show_text(tree, range, 1, #text, text)
  for _, line in ipairs(stop and read_lines(body, stop + 1) or {}) do show_line(tree, line, range) end
  return text, crash
end

local function show_header(tree, range, header)
  if header.replayed then tree:add(fields.replayed, true) end
  if header.release then
    tree:add(fields.release, piece(range, header.release.first, header.release.first + #header.release.text - 1),
      header.release.text)
  end
  local at = header.first
  local function take(digits)
    local bytes = piece(range, at, at + #digits - 1)
    at = at + #digits + 1
    return bytes
  end
  local bytes = take(header.priority)
  local priority = tonumber(header.priority)
  if priority <= 2047 then
    tree:add(fields.priority, bytes, priority)
    tree:add(fields.facility, bytes, math.floor(priority / 8))
    tree:add(fields.level, bytes, priority % 8)
  end
  bytes = take(header.sequence)
  if #header.sequence <= 20 then tree:add(fields.sequence, bytes, UInt64.new(header.sequence)) end
  bytes = take(header.timestamp)
  if #header.timestamp <= 20 then tree:add(fields.timestamp, bytes, UInt64.new(header.timestamp)) end
  tree:add(fields.flag, take(header.flag), header.flag)
  for _, field in ipairs(header.fields) do
    local name, value = field.text:match("^([^=]*)=(.*)$")
    if #field.text > 0 then
      bytes = piece(range, field.first, field.first + #field.text - 1)
      if name == "caller" and value == header.caller then
        tree:add(fields.caller, bytes, value)
      elseif name ~= "ncfrag" or not header.total then
        tree:add(fields.field, bytes, field.text)
      else
        tree:add(fields.offset, bytes, header.offset)
        tree:add(fields.total, bytes, header.total)
      end
    end
  end
end

local function dissect_extended(range, packet, header, pinfo, tree)
  local frame = pinfo.number
  show_header(tree, range, header)
  if header.wrong then
    report_damage(tree, experts.malformed, "malformed header: " .. header.wrong)
    pinfo.cols.info = "malformed: " .. header.wrong
    return
  end
  local body = packet:sub(header.body)
  local sender = tostring(pinfo.src) .. " " .. pinfo.src_port .. " " .. tostring(pinfo.dst) .. " " .. pinfo.dst_port
  local level = levels[tonumber(header.priority) % 8]
  local shown = found[frame]
  if not shown then
    shown = {}
    if header.total then
      shown = add_fragment(sender .. " " .. header.sequence .. " " .. header.timestamp, header, body, frame)
    end
    if not header.total or shown.record.in_frame == frame then
      local whole = header.total and shown.record.whole or body
      follow(sender, header, whole:match("^[^\n]*"), shown)
    end
    found[frame] = shown
  end

  if shown.lost then
    tree:add(fields.lost, UInt64.new(shown.lost)):set_generated()
    report_damage(tree, experts.lost, shown.lost .. " records before this one are missing")
  end
  if shown.duplicate then tree:add_proto_expert_info(experts.duplicate) end
  if shown.conflict then report_damage(tree, experts.conflict, "two fragments disagree about a byte") end
  if shown.rebooted then tree:add_proto_expert_info(experts.rebooted) end

  if not header.total then
    if #packet == MOST_PACKET and header.release and packet:sub(-1) == "\0" then
      report_damage(tree, experts.nul_for_newline, "NUL in place of the newline")
    elseif #packet == MOST_PACKET - 1 and packet:sub(-1) ~= "\n" and body:find("\n", 1, true) then
      report_damage(tree, experts.last_byte_missing, "the newline is missing")
    end
    local text = #body > 0 and show_body(tree, range(header.body - 1), body) or ""
    pinfo.cols.info = level .. ": " .. readable(text)
    return
  end
  local record = shown.record
  if record.in_frame == frame then
    for _, one in ipairs(record.shown) do tree:add(fields.fragment, one):set_generated() end
    local text = show_body(tree, bytes_of(record.whole):tvb("Whole record")(), record.whole)
    pinfo.cols.info = level .. ": " .. readable(text)
    return
  end
  pinfo.cols.info = string.format("%s: fragment at %d of %d", level, header.offset, header.total)
  local whole = wholes[record.id]
  if whole then
    tree:add(fields.reassembled_in, whole.in_frame):set_generated()
  elseif pinfo.visited then
    -- In the first pass the others may still come.
    report_damage(tree, experts.partial, "other fragments of this record are not in the capture")
  end
end

local function dissect_basic(range, packet, pinfo, tree)
  local at, first_text = 1, nil
  while at <= #packet do
    local stop = packet:find("\n", at, true) or #packet + 1
    local line = packet:sub(at, stop - 1)
    local first = at
    local _, stamp_end, seconds, micros = line:find("^%[ *(%d+)%.(%d%d%d%d%d%d)%]")
    if seconds and #seconds <= 12 then
      tree:add(fields.timestamp, piece(range, at, at + stamp_end - 1), UInt64.new(seconds .. micros))
      first = at + stamp_end
      local _, caller_end, caller = packet:find("^%[ *([TC]%d+)%]", first)
      if caller then
        tree:add(fields.caller, piece(range, first, caller_end), caller)
        first = caller_end + 1
      end
      if packet:sub(first, first) == " " then first = first + 1 end
    end
    local text = packet:sub(first, stop - 1)
    if #text > 0 then
      show_text(tree, range, first, stop - 1, text)
      first_text = first_text or text
    end
    at = stop + 1
  end
  pinfo.cols.info = first_text or ""
end

function netconsole.dissector(buffer, pinfo, root)
  if buffer:len() == 0 then return 0 end
  local packet = buffer:raw()
  local header = read_header(packet)
  pinfo.cols.protocol = "netconsole"
  local tree = root:add(netconsole, buffer())
  tree:add(fields.form, header and 1 or 0):set_generated()
  if header then
    dissect_extended(buffer(), packet, header, pinfo, tree)
  else
    dissect_basic(buffer(), packet, pinfo, tree)
  end
  return buffer:len()
end

-- No other protocol begins like an extended packet.
local function is_extended(buffer, pinfo, root)
  if buffer:len() < 8 or not read_header(buffer:raw()) then return false end
  netconsole.dissector(buffer, pinfo, root)
  return true
end
netconsole:register_heuristic("udp", is_extended)

local udp_ports = DissectorTable.get("udp.port")
local registered = ""
local function register()
  if registered ~= "" then udp_ports:remove(registered, netconsole) end
  registered = tostring(netconsole.prefs.ports)
  if registered ~= "" then udp_ports:add(registered, netconsole) end
end
netconsole.prefs_changed = register
register()
