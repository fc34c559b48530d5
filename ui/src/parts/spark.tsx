// SPDX-License-Identifier: GPL-3.0-or-later
//
// spark.tsx: a series as a small line: the last thirty periods, axis from zero, a ring where a value is not believed. It
// needs no chart library; the words under it say what it shows to who cannot see it.
import { useRows } from '../api/client'
import { numberText } from '../format'
import { language, useText } from '../text'
import { hatch } from './level'

export function Spark({ series, label, origin }: { series: string; label: string; origin: string | null | undefined }) {
  const say = useText()
  const { data } = useRows('/series/{id}/points', { id: series })
  const points = (data?.rows ?? []).filter(point => point.value !== null).slice(-30)
  if (data === undefined) return <span className="spark" aria-hidden="true" />
  if (points.length < 2) return <span className="quiet">{say('ui.no_line_yet')}</span>
  const most = Math.max(1, ...points.map(point => point.value ?? 0))
  const place = (value: number, i: number) => [4 + (i / (points.length - 1)) * 152, 34 - (value / most) * 28] as const
  const last = points[points.length - 1]!
  return (
    <svg className={'spark' + hatch(origin)} viewBox="0 0 160 38" role="img" aria-label={say('ui.spark', { label, count: points.length, value: numberText(last.value ?? 0, language()) })}>
      <path d={'M' + points.map((point, i) => place(point.value ?? 0, i).map(n => n.toFixed(1)).join(' ')).join('L')} />
      {points.map((point, i) => {
        const [x, y] = place(point.value ?? 0, i)
        return point.is_believed ? (i === points.length - 1 ? <circle key={i} cx={x} cy={y} r="2.500" /> : null) : <circle key={i} className="is-doubted" cx={x} cy={y} r="3.500" />
      })}
    </svg>
  )
}
