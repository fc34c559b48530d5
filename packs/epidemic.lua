-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- epidemic.lua: new cases of a disease that is not at home here, by city and day.
--
-- The first case after fourteen quiet days is a notice at once: a check costs one shift, a miss costs
-- weeks. The levels above it go by sums over days, because a city's count is a handful and any
-- baseline of zeros makes a textbook detector a first-case rule; EARS C1 to C3 run beside them as
-- evidence and raise nothing. A day that is improbably low after a rise, or that the second source
-- contradicts, is kept and not believed.

local steps_blue = {
  { zh = "核实病例、发病日期和感染来源，当班完成。", en = "Verify the case, its onset and where it came from, within the shift." },
  { zh = "核对报告渠道是否畅通，补齐缺报。", en = "Check that the reporting channel works and fetch what is missing." },
}

return {
  name = "epidemic",
  version = 1,
  field = "epidemic",
  label = { zh = "疫情防控", en = "Epidemic" },
  effective_from = "2020-01-20",

  sources = {
    { code = "levee", default = true,
      cite = { zh = "levee 默认值，请当地确认", en = "levee default, confirm locally" } },
    { code = "graded-areas",
      cite = { zh = "国务院联防联控机制，分区分级精准防控的指导意见（2020年2月）：14天内无新增为低风险，累计超过50例且14天内有聚集性疫情为高风险",
               en = "State Council joint mechanism, guidance on graded areas (February 2020): low with no new case in 14 days; high above 50 cases with a cluster in 14 days" } },
    { code = "ears",
      cite = { zh = "Hutwagner 等 2003：早期异常报告系统 EARS", en = "Hutwagner et al. 2003, the Early Aberration Reporting System EARS" },
      address = "doi:10.1007/PL00022319" },
    { code = "health-emergency",
      cite = { zh = "突发公共卫生事件应急条例第十九、二十条：接到报告后2小时内上报", en = "Regulation on Public Health Emergencies, Art. 19-20: report up within 2 hours" } },
  },

  line = {
    label = { zh = "一个城市一日新增不超过10例", en = "No city has more than ten new cases in a day" },
    indicator = "epidemic.cases", holds = "at_most", figure = 10, source = "levee",
  },

  -- Hours until a notice must be judged and answered.
  deadlines = { blue = 24, yellow = 12, orange = 4, red = 2, source = "health-emergency" },
  lowering = { quiet = 14, source = "graded-areas" },
  budget = { notices_per_week = 7, source = "levee" },

  owners = {
    province = { "health", "risk_office" },
    city = { "health", "risk_office" },
    county = { "health" },
  },

  plan = {
    blue = steps_blue,
    yellow = {
      { zh = "启动市级会商，2小时内向省卫生健康部门报告。", en = "Call the city's consultation and report to the province's health authority within 2 hours." },
      { zh = "流行病学调查，排查密切接触者，涉疫场所停业检测。", en = "Trace contacts, close the place concerned and test there." },
    },
    orange = {
      { zh = "请省级派出专家，划定管控范围，扩大检测。", en = "Ask the province for experts, draw the area of control, widen the testing." },
      { zh = "核对床位、检测能力和防护物资，缺口当日报省。", en = "Count beds, testing capacity and protective stock; report gaps to the province the same day." },
      { zh = "通知上下游城市和相关行业同步排查。", en = "Tell the cities and trades connected with it to look at the same time." },
    },
    red = {
      { zh = "按预案请示启动应急响应，统一指挥。", en = "Ask for the emergency response under the plan, with one command." },
      { zh = "每日两次会商，数据由一个口径报出。", en = "Consult twice a day; figures go out from one desk." },
    },
  },

  indicators = {
    {
      code = "epidemic.cases",
      label = { zh = "新增确诊病例", en = "New confirmed cases" },
      unit = { zh = "例", en = "cases" },
      frequency = "D", direction = "up", aggregation = "sum", reported_by = "city", decimals = 0,
      event = { code = "epidemic", label = { zh = "疫情", en = "Epidemic" }, days = 28 },
      rules = {
        -- Came true: a cluster of ten within fourteen days of the first case.
        { code = "first-case", cluster = { periods = 14, at_least = 10 }, kind = "first_after_quiet", quiet = 14, level = "blue", source = "graded-areas",
          label = { zh = "安静14天后的首例", en = "First case after 14 quiet days" } },
        { code = "three-in-seven", kind = "sum_reaches", periods = 7, at_least = 3, level = "yellow", source = "levee",
          cluster = { periods = 14, at_least = 10 },
          label = { zh = "7天内3例", en = "Three cases in 7 days" } },
        { code = "ten-in-seven", kind = "sum_reaches", periods = 7, at_least = 10, level = "orange", source = "levee",
          -- Came true: what the guidance on graded areas calls high risk.
          cluster = { periods = 14, at_least = 50 },
          label = { zh = "7天内10例", en = "Ten cases in 7 days" } },
        { code = "fifty-in-fourteen", kind = "sum_reaches", periods = 14, at_least = 50, level = "red", source = "graded-areas",
          cluster = { periods = 28, at_least = 200 },
          label = { zh = "14天内50例", en = "Fifty cases in 14 days" } },
      },
      detectors = {
        { method = "ears-c1", source = "ears" },
        { method = "ears-c2", source = "ears" },
        { method = "ears-c3", source = "ears" },
      },
      plausibility = {
        { kind = "improbably_low", limit = 0.05, source = "levee" },
        { kind = "sources_differ", other = "epidemic.cases.second", source = "levee" },
      },
    },
    {
      code = "epidemic.cases.second",
      label = { zh = "新增确诊病例（第二来源）", en = "New confirmed cases (second source)" },
      unit = { zh = "例", en = "cases" },
      frequency = "D", direction = "up", aggregation = "sum", reported_by = "province", decimals = 0,
      second = true,
    },
  },
}
