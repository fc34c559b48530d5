// SPDX-License-Identifier: GPL-3.0-or-later
//
// series-figure.tsx: a chart with what belongs to it: unit, source, last report under it, the marks explained. It fetches;
// series-chart.tsx draws and brings the chart library, which comes only when a chart is wanted.
import { lazy, Suspense } from 'react'
import { useRows } from '../api/client'
import { things } from '../api/shapes'
import { nameOf, say as write, useText } from '../text'
import { hatch, isSimulated } from './level'
import { Await, Loading } from './states'
import { Moment } from './time'
import { unitText } from './unit'

const SeriesChart = lazy(() => import('./series-chart'))

export function SeriesFigure({ id, isSmall = false, thenAt, periods }: { id: string; isSmall?: boolean; thenAt?: string; periods?: number }) {
  const say = useText()
  const series = useRows('/series/{id}', { id })
  const points = useRows('/series/{id}/points', { id })
  const then = useRows('/series/{id}/points', { id, as_of: thenAt }, thenAt !== undefined)
  const acts = useRows('/series/{id}/acts', { id, limit: 50 })
  return (
    <Await query={series} lines={5}>
      {described => {
        const row = described.rows[0]
        if (row === undefined) return null
        const unit = unitText(row.unit, say)
        return (
          <figure className={'series-figure' + hatch(row.origin) + (isSmall ? ' is-small' : '')}>
            <Await query={points} lines={5} isEmpty={data => data.rows.length === 0} empty={<p className="quiet">{say('ui.points_none')}</p>}>
              {data => (
                <Suspense fallback={<Loading lines={5} />}>
                  <SeriesChart label={`${nameOf(row, 'division')} · ${nameOf(row, 'indicator')}`} unit={unit} points={data.rows.slice(-(periods ?? (isSmall ? 35 : 60)))} then={thenAt === undefined ? undefined : then.data?.rows} acts={acts.data?.rows ?? []} methods={things(row.methods).map(method => ({ name: String(method.name), label: write({ zh: method.zh, en: method.en }) || String(method.name) }))} isSmall={isSmall} isInvented={isSimulated(row.origin)} isMonthly={row.frequency === 'M'} />
                </Suspense>
              )}
            </Await>
            <figcaption>
              <Legend hasOther={points.data?.rows.some(point => point.other_value !== null) ?? false} hasDoubt={points.data?.rows.some(point => !point.is_believed) ?? false} hasCorrection={points.data?.rows.some(point => point.is_corrected) ?? false} />
              <p className="quiet">
                {say('ui.chart_unit', { unit })} · {say('ui.chart_source', { source: nameOf(row, 'source') || say('ui.unknown') })} · {say('ui.chart_last')} <Moment at={row.last_known_at} hasAge />
              </p>
            </figcaption>
          </figure>
        )
      }}
    </Await>
  )
}

function Legend({ hasOther, hasDoubt, hasCorrection }: { hasOther: boolean; hasDoubt: boolean; hasCorrection: boolean }) {
  const say = useText()
  const mark = (drawing: React.ReactNode, key: string) => <li key={key}><svg viewBox="0 0 24 12" width="24" height="12" aria-hidden="true">{drawing}</svg> {say(key)}</li>
  return (
    <ul className="legend">
      {mark(<><path d="M0 6 H24" className="ink-line" /><circle cx="12" cy="6" r="3.500" className="ink-fill" /></>, 'ui.legend_observed')}
      {hasDoubt && mark(<circle cx="12" cy="6" r="4.500" className="doubt-ring" />, 'ui.legend_doubted')}
      {hasCorrection && mark(<path d="M8 2 L16 10 M16 2 L8 10" className="ghost-line" />, 'ui.legend_corrected')}
      {mark(<path d="M0 6 H24" className="expected-line" />, 'ui.legend_expected')}
      {mark(<rect width="24" height="12" className="band-fill" />, 'ui.legend_band')}
      {hasOther && mark(<path d="M0 6 H24" className="other-line" />, 'ui.legend_other')}
      {mark(<path d="M12 1 L18 11 H6 Z" className="ink-fill" />, 'ui.legend_alarm')}
      {mark(<circle cx="12" cy="6" r="3" className="silent-ring" />, 'ui.legend_silent')}
    </ul>
  )
}
