-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- petition.lua: messages about unpaid wages, by county and day. Counts of messages, never of people.
--
-- A county gets one to three such messages a day. EARS C2 with a baseline of four weeks asks whether
-- today stands out from them; it leaves out the last two days, so that a rise does not hide itself at
-- once. It is a modest detector: on quiet counts of this size it speaks about once in eleven weeks a
-- county for nothing, and a rise that is slow enough teaches it to be silent. The sum over seven days
-- beside it does not learn.

return {
  name = "petition",
  version = 1,
  field = "petition",
  label = { zh = "信访", en = "Petitions" },
  effective_from = "2020-01-01",

  sources = {
    { code = "levee", default = true,
      cite = { zh = "levee 默认值，请当地确认", en = "levee default, confirm locally" } },
    { code = "ears",
      cite = { zh = "Hutwagner 等 2003：早期异常报告系统 EARS", en = "Hutwagner et al. 2003, the Early Aberration Reporting System EARS" },
      address = "doi:10.1007/PL00022319" },
    { code = "petition-regulation",
      cite = { zh = "信访条例（国务院令第431号）第二十一条：收到之日起15日内转送、交办", en = "Petition Regulation (State Council Decree 431), Art. 21: transfer or assign within 15 days of receipt" } },
  },

  line = {
    label = { zh = "一个县7天内欠薪来信不成倍增长（每日不超过10件）", en = "Messages about unpaid wages do not multiply: at most ten a day in a county" },
    indicator = "petition.wages", holds = "at_most", figure = 10, source = "levee",
  },

  deadlines = { blue = 72, yellow = 24, orange = 12, red = 4, source = "levee" },
  lowering = { quiet = 14, source = "levee" },
  budget = { notices_per_week = 2, source = "levee" },

  owners = {
    province = { "petition", "labour" },
    city = { "petition", "labour" },
    county = { "labour", "petition", "finance" },
  },

  plan = {
    blue = {
      { zh = "归并同一用工单位的来信，查清涉及的项目和金额。", en = "Group the messages by employing unit; find the project and the sum in question." },
      { zh = "与财政部门核对：工资是否在库款能覆盖的范围内。", en = "Ask the finance office whether treasury cash covers the wages." },
    },
    yellow = {
      { zh = "劳动监察到场，责令限期支付；动用工资保证金。", en = "Labour inspection on site: order payment by a date; draw on the wage deposit." },
      { zh = "在15日时限前答复，避免越级重复投送。", en = "Answer before the 15 days are over, so that nobody needs to write again higher up." },
    },
    orange = {
      { zh = "县政府专题会商，财政、劳动、行业部门同到。", en = "The county government consults with finance, labour and the trade's department at one table." },
    },
    red = {
      { zh = "请市级牵头处置，安排应急周转资金。", en = "Ask the city to lead and to arrange bridging money." },
    },
  },

  indicators = {
    {
      code = "petition.wages",
      label = { zh = "欠薪来信件数", en = "Messages about unpaid wages" },
      unit = { zh = "件", en = "messages" },
      frequency = "D", direction = "up", aggregation = "sum", reported_by = "county", decimals = 0,
      event = { code = "unpaid_wages", label = { zh = "欠薪", en = "Unpaid wages" }, days = 60 },
      detectors = {
        { method = "ears-c2", level = "blue", source = "ears",
          options = { baseline = 28, alpha = 0.001, min_sigma = 0.5 } },
      },
      rules = {
        { code = "thirty-five-in-seven", kind = "sum_reaches", periods = 7, at_least = 35, level = "yellow", source = "levee",
          label = { zh = "7天内35件", en = "Thirty-five messages in 7 days" } },
        { code = "seventy-in-seven", kind = "sum_reaches", periods = 7, at_least = 70, level = "orange", source = "levee",
          label = { zh = "7天内70件", en = "Seventy messages in 7 days" } },
      },
      plausibility = {
        { kind = "improbably_low", limit = 0.01, source = "levee" },
      },
    },
  },
}
