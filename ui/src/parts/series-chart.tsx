// SPDX-License-Identifier: GPL-3.0-or-later
//
// series-chart.tsx: draws a series with ECharts (SVG). Dots joined by a thin line; expected as a line, the band above it
// shaded; hollow where not believed; a cross where a value stood before it was corrected, joined to what is known now;
// the second source as a thin line; official acts and findings as numbered vertical notes. Under the plot one row a
// method: a triangle where it alarmed, a grey ring where it ran and stayed silent. Counts start at zero.
import { LineChart, ScatterChart } from 'echarts/charts'
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use, type EChartsCoreOption } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import type { Row } from '../api/client'
import { doubtOf, sayPair, texts } from '../api/shapes'
import { dayOf, numberText, periodText, shortDayText, timeText } from '../format'
import { language, nameOf, say as write, useText, type Say } from '../text'
import { useTheme } from '../theme'

use([LineChart, ScatterChart, GridComponent, TooltipComponent, MarkLineComponent, AriaComponent, SVGRenderer])

type Point = Row<'/series/{id}/points'>
type Act = Row<'/series/{id}/acts'>
type Method = { name: string; label: string }
type Props = { label: string; unit: string; points: Point[]; then: Point[] | undefined; acts: Act[]; methods: Method[]; isSmall: boolean; isInvented: boolean; isMonthly: boolean }

const rowHeight = 18

function colours() {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return { ink: of('--ink'), soft: of('--ink-3'), line: of('--line'), band: of('--band'), expected: of('--expected'), other: of('--other'), doubt: of('--doubt'), act: of('--stamp'), surface: of('--surface'), then: of('--replay') }
}

// The hover in words: what was seen, what was expected, by what, what of it is not believed.
function hover(point: Point | undefined, unit: string, say: Say): HTMLElement {
  const box = document.createElement('div')
  box.className = 'hover'
  const line = (text: string, kind = '') => {
    const part = document.createElement('p')
    part.textContent = text
    part.className = kind
    box.append(part)
  }
  if (point === undefined) return box
  line(periodText(point.period, language()), 'hover-day')
  line(point.value === null ? say('ui.hover_missing') : say('ui.hover_value', { value: numberText(point.value, language()), unit }))
  if (point.is_corrected && point.value_then !== null) line(say('ui.hover_then', { value: numberText(point.value_then, language()) }))
  if (!point.is_believed) for (const why of doubtOf(point.doubt).length > 0 ? doubtOf(point.doubt) : [say('ui.not_believed')]) line(why, 'hover-doubt')
  if (point.expected !== null) line(say('ui.hover_expected', { expected: numberText(point.expected, language()), upper: point.upper === null ? '—' : numberText(point.upper, language()) }))
  if (point.other_value !== null) line(say('ui.hover_other', { value: numberText(point.other_value, language()) }))
  const alarms = texts(point.alarms)
  if (alarms.length > 0) line(say('ui.hover_alarms', { methods: alarms.join(', ') }))
  if (point.known_at !== null) line(say('ui.hover_known', { time: timeText(point.known_at, language()) }), 'quiet')
  return box
}

function options({ points, then, acts, methods, unit, isSmall, isInvented, isMonthly, label }: Props, say: Say): EChartsCoreOption {
  const c = colours()
  const days = points.map(point => point.period)
  const first = points[0]?.day ?? ''
  const last = points[points.length - 1]?.day ?? ''
  // Labels are measured on a canvas, which knows no 'inherit'.
  const family = getComputedStyle(document.body).fontFamily
  const font = { fontFamily: family, fontSize: 11 }
  const strip = methods.length * rowHeight
  const thenOf = new Map((then ?? []).map(point => [point.period, point.value]))
  const pinned = acts.filter(act => dayOf(act.time) >= first && dayOf(act.time) <= last).map((act, i) => ({ act, number: i + 1, period: isMonthly ? dayOf(act.time).slice(0, 7) : dayOf(act.time) }))
  const ghosts = points.flatMap((point, i) => {
    const was = then === undefined ? (point.is_corrected ? point.value_then : null) : (thenOf.get(point.period) ?? null)
    const differs = then === undefined ? was !== null : was !== point.value
    return differs ? [{ i, was, now: point.value }] : []
  })
  const doubted = points.map(point => (point.is_believed ? null : point.value))
  const axis = { type: 'category' as const, data: days, boundaryGap: true, axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false } }
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: { fontFamily: family, color: c.ink },
    grid: [{ left: 64, right: 16, top: isSmall ? 26 : 30, bottom: strip + 34 }, { left: 64, right: 16, height: Math.max(1, strip), bottom: 4 }],
    xAxis: [
      { ...axis, axisLabel: { ...font, color: c.soft, hideOverlap: true, formatter: (period: string) => (/^\d{4}-\d{2}-\d{2}$/.test(period) ? shortDayText(period, language()) : period) } },
      { ...axis, gridIndex: 1, axisLabel: { show: false }, axisLine: { show: false } },
    ],
    yAxis: [
      { type: 'value', min: (range: { min: number }) => Math.min(0, range.min), name: unit, nameTextStyle: { ...font, color: c.soft, align: 'left', padding: [0, 0, 0, -56] }, axisLabel: { ...font, color: c.soft, formatter: (value: number) => numberText(value, language()) }, splitLine: { lineStyle: { color: c.line, opacity: 0.6 } }, minInterval: isMonthly ? undefined : 1 },
      { type: 'category', gridIndex: 1, data: methods.map(method => method.label), inverse: true, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...font, color: c.soft, width: 60, overflow: 'truncate' } },
    ],
    tooltip: { trigger: 'axis', confine: true, backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.ink, fontSize: 12 }, extraCssText: 'max-width:320px;white-space:normal', axisPointer: { lineStyle: { color: c.soft } }, formatter: (found: unknown) => hover(points[(found as { dataIndex: number }[])[0]?.dataIndex ?? -1], unit, say) },
    series: [
      { name: 'base', type: 'line', data: points.map(point => point.expected), stack: 'band', symbol: 'none', lineStyle: { color: c.expected, width: 1.5, type: [6, 3] }, silent: true, z: 2 },
      { name: 'band', type: 'line', data: points.map(point => (point.upper === null || point.expected === null ? null : Math.max(0, point.upper - point.expected))), stack: 'band', symbol: 'none', lineStyle: { width: 0 }, areaStyle: { color: c.band, opacity: 1 }, silent: true, z: 1 },
      { name: 'other', type: 'line', data: points.map((point, i) => ({ value: point.other_value, label: { show: doubted[i] !== null && point.other_value !== null, position: 'left' as const, color: c.other, fontSize: 12, formatter: say('ui.label_other', { value: numberText(point.other_value ?? 0, language()) }) } })), symbol: 'circle', showAllSymbol: true, symbolSize: 4, lineStyle: { color: c.other, width: 1 }, itemStyle: { color: c.other }, connectNulls: false, z: 3 },
      {
        name: label,
        type: 'line',
        data: points.map(point => (point.is_believed ? point.value : null)),
        symbol: 'circle',
        showAllSymbol: true,
        symbolSize: points.length > 80 ? 4 : 7,
        itemStyle: { color: c.ink, borderColor: c.surface, borderWidth: 0.5 },
        lineStyle: { color: c.ink, width: 1, type: isInvented ? 'dashed' : 'solid' },
        z: 5,
        markLine: {
          silent: true,
          symbol: 'none',
          data: [
            ...[...new Set(pinned.map(one => one.period))].map(period => ({ period, act: pinned.findLast(one => one.period === period)!.act, number: pinned.filter(one => one.period === period).map(one => one.number).join(' · ') })).map(({ number, act, period }) => ({ xAxis: period, label: { formatter: number, position: 'end' as const, color: c.surface, backgroundColor: act.kind === 'official' ? c.act : c.soft, padding: [2, 5], borderRadius: act.kind === 'official' ? 2 : 8, fontSize: 11 }, lineStyle: { color: act.kind === 'official' ? c.act : c.soft, type: act.kind === 'official' ? ('solid' as const) : ('dashed' as const), width: 1 } })),
            ...ghosts.filter(ghost => ghost.was !== null && ghost.now !== null).map(ghost => [{ coord: [days[ghost.i]!, ghost.was!], lineStyle: { color: c.then, width: 1.5, type: 'dotted' as const } }, { coord: [days[ghost.i]!, ghost.now!] }]),
          ],
        },
      },
      { name: 'doubted', type: 'scatter', data: doubted, symbol: 'circle', symbolSize: 13, itemStyle: { color: c.surface, borderColor: c.doubt, borderWidth: 2.5, opacity: 1 }, label: { show: true, position: 'top', offset: [-38, -10], color: c.doubt, fontSize: 12, fontFamily: family, fontWeight: 'bold', backgroundColor: c.surface, borderColor: c.doubt, borderWidth: 1, borderRadius: 3, padding: [3, 6], formatter: (mark: { value?: unknown }) => say('ui.label_doubted', { value: String(mark.value ?? '') }) }, z: 7 },
      { name: 'then', type: 'scatter', data: ghosts.filter(ghost => ghost.was !== null).map(ghost => [days[ghost.i]!, ghost.was!]), symbol: 'path://M1 0 L5 4 L9 0 L10 1 L6 5 L10 9 L9 10 L5 6 L1 10 L0 9 L4 5 L0 1 Z', symbolSize: 10, itemStyle: { color: c.then }, silent: true, z: 6 },
      { name: 'unknown then', type: 'scatter', data: then === undefined ? [] : ghosts.filter(ghost => ghost.was === null && ghost.now !== null).map(ghost => [days[ghost.i]!, ghost.now!]), symbol: 'circle', symbolSize: 16, itemStyle: { color: 'transparent', borderColor: c.then, borderWidth: 1.5, borderType: 'dotted' }, silent: true, z: 4 },
      { name: 'alarms', type: 'scatter', xAxisIndex: 1, yAxisIndex: 1, data: methods.flatMap((method, k) => points.flatMap((point, i) => (texts(point.alarms).includes(method.name) ? [[i, k]] : []))), symbol: 'triangle', symbolSize: 10, itemStyle: { color: c.ink }, silent: true },
      { name: 'silent', type: 'scatter', xAxisIndex: 1, yAxisIndex: 1, data: methods.flatMap((method, k) => points.flatMap((point, i) => (point.value !== null && !texts(point.alarms).includes(method.name) ? [[i, k]] : []))), symbol: 'circle', symbolSize: 5, itemStyle: { color: 'transparent', borderColor: c.soft, borderWidth: 1 }, silent: true },
    ],
  }
}

export default function SeriesChart(props: Props) {
  const say = useText()
  const theme = useTheme()
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<ReturnType<typeof init>>(null)
  useEffect(() => {
    if (place.current === null) return
    const made = init(place.current, undefined, { renderer: 'svg' })
    chart.current = made
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(place.current)
    return () => {
      watch.disconnect()
      made.dispose()
    }
  }, [])
  useEffect(() => {
    chart.current?.setOption(options(props, say), { notMerge: true })
  }, [props, say, theme])
  const last = props.points.findLast(point => point.value !== null)
  const words = last === undefined ? props.label : say('ui.chart_said', { label: props.label, count: props.points.length, period: periodText(last.period, language()), value: numberText(last.value ?? 0, language()) })
  const height = (props.isSmall ? 210 : 330) + props.methods.length * rowHeight
  return (
    <>
      <div ref={place} className="chart" role="img" aria-label={words} style={{ height }} />
      <PinnedActs acts={props.acts} points={props.points} />
    </>
  )
}

function PinnedActs({ acts, points }: { acts: Act[]; points: Point[] }) {
  const first = points[0]?.day ?? ''
  const last = points[points.length - 1]?.day ?? ''
  const shown = acts.filter(act => dayOf(act.time) >= first && dayOf(act.time) <= last)
  if (shown.length === 0) return null
  return (
    <ol className="pinned">
      {shown.map((act, i) => (
        <li key={i}><span className={act.kind === 'official' ? 'pin' : 'pin is-finding'}>{i + 1}</span> <span>{sayPair(act, 'day')}</span> <span>{write(act.act)}</span> <cite className="quiet">{[nameOf(act, 'authority'), nameOf(act, 'source')].filter(part => part !== '').join(' · ')}</cite></li>
      ))}
    </ol>
  )
}
