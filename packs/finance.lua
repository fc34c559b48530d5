-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- finance.lua: treasury cash cover of a county, month by month.
--
-- Cover = end-of-month treasury balance / average monthly outflow. The bands are the monitoring
-- practice of the finance ministry as commonly quoted; they differ by area and year, so they are
-- marked as a default to be confirmed locally.

return {
  name = "finance",
  version = 1,
  field = "finance",
  label = { zh = "财政运行", en = "Public finance" },
  effective_from = "2020-01-01",

  sources = {
    { code = "cash-practice", default = true,
      cite = { zh = "财政部库款监测的通行做法：保障水平0.3至0.8为合理区间，默认值，请当地确认",
               en = "Treasury cash monitoring as practised by the Ministry of Finance: 0.3 to 0.8 is the safe range; default, confirm locally" } },
    { code = "levee", default = true,
      cite = { zh = "levee 默认值，请当地确认", en = "levee default, confirm locally" } },
  },

  line = {
    label = { zh = "库款保障水平不低于0.3，保基本民生、保工资、保运转", en = "Cash cover of at least 0.3: livelihood, wages and operation stay paid" },
    indicator = "finance.cash_cover", holds = "at_least", figure = 0.3, source = "cash-practice",
  },

  deadlines = { blue = 240, yellow = 72, orange = 24, red = 8, source = "levee" },
  lowering = { quiet = 2, source = "levee" },
  budget = { notices_per_week = 1, source = "levee" },

  owners = {
    province = { "finance", "risk_office" },
    city = { "finance" },
    county = { "finance" },
  },

  plan = {
    blue = {
      { zh = "核对库款是否沉淀，加快已到期的支出。", en = "See whether money lies idle; pay what is due." },
    },
    yellow = {
      { zh = "按月排出工资和民生支出的资金日历，先保“三保”。", en = "Draw up a cash calendar by month: livelihood, wages and operation first." },
      { zh = "压减一般支出，向上级申请调度库款。", en = "Cut general spending and ask for cash from above." },
    },
    orange = {
      { zh = "停止非“三保”支出，市级派员核对逐日库款。", en = "Stop all but the three guarantees; the city checks cash day by day." },
    },
    red = {
      { zh = "启动债务与工资支付应急预案。", en = "Activate the plan for debt and wage payment." },
    },
  },

  indicators = {
    {
      code = "finance.cash_cover",
      label = { zh = "库款保障水平", en = "Treasury cash cover" },
      unit = { zh = "倍（月均支出）", en = "times monthly outflow" },
      frequency = "M", direction = "down", aggregation = "none", reported_by = "county", decimals = 2,
      due_hours = 504,
      event = { code = "unpaid_wages", label = { zh = "欠薪", en = "Unpaid wages" }, days = 60 },
      bands = {
        { to = 0.1, level = "orange", source = "cash-practice", label = { zh = "极度紧张", en = "severe" } },
        { from = 0.1, to = 0.3, level = "yellow", source = "cash-practice", label = { zh = "紧张", en = "tight" } },
        { from = 0.3, to = 0.8, level = "none", source = "cash-practice", label = { zh = "合理", en = "safe" } },
        { from = 0.8, level = "blue", source = "cash-practice", label = { zh = "闲置", en = "idle" } },
      },
    },
    {
      -- Cash at the end of the month over one month's wages: what it covers is paid until then.
      code = "finance.wage_cover",
      label = { zh = "库款可保工资月数", en = "Months of wages that cash covers" },
      unit = { zh = "个月", en = "months" },
      frequency = "M", direction = "down", aggregation = "none", reported_by = "county", decimals = 1,
      due_hours = 594,
      covers = { zh = "库款可保工资到", en = "cash covers wages until" },
      event = { code = "unpaid_wages", label = { zh = "欠薪", en = "Unpaid wages" }, days = 60 },
      bands = {
        { to = 1, level = "orange", source = "levee", label = { zh = "告急", en = "critical" } },
        { from = 1, to = 3, level = "yellow", source = "levee", label = { zh = "偏紧", en = "short" } },
        { from = 3, level = "none", source = "levee", label = { zh = "够用", en = "enough" } },
      },
    },
  },
}
