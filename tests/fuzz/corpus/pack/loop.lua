local t = {} for i = 1, 3 do t[i] = { code = "a" .. i } end
return { sources = t, ["name"] = [==[x]==], [1] = { zh = '\u{4e2d}', en = "\z
  b" } }
