// SPDX-License-Identifier: GPL-3.0-or-later
//
// series.tsx: one series. The slider goes back to what was known on an earlier morning and joins it with what is known
// now. Behind one click each: the table, the CSV, and the command line that gives the same number.
import { Button, Segmented, Slider } from 'antd'
import { useMemo, useState } from 'react'
import { useParams } from 'react-router-dom'
import { exportAddress, useAsOf, useRows } from '../../api/client'
import { doubtOf, idOf, sayPair, texts, things } from '../../api/shapes'
import { dayOf, dayText, numberText, periodText, timeText } from '../../format'
import { Go } from '../../parts/go'
import { Level, Origin } from '../../parts/level'
import { SeriesFigure } from '../../parts/series-figure'
import { Await, State } from '../../parts/states'
import { useNow } from '../../parts/time'
import { Title } from '../../parts/title'
import { language, nameOf, say as write, useText } from '../../text'

const dayLength = 86_400_000
const back = 21

// The mornings of the last three weeks, oldest first; the last is now.
function useMornings(): string[] {
  const now = useNow()
  const today = dayOf(now)
  return useMemo(() => Array.from({ length: back + 1 }, (_, i) => new Date(Date.parse(today + 'T00:00:00Z') - (back - i) * dayLength).toISOString().slice(0, 10)), [today])
}

function Points({ id }: { id: string }) {
  const say = useText()
  const points = useRows('/series/{id}/points', { id })
  return (
    <Await query={points}>
      {data => (
        <table className="list points">
          <thead><tr><th scope="col">{say('ui.period')}</th><th scope="col" className="right">{say('ui.value')}</th><th scope="col">{say('ui.believed')}</th><th scope="col" className="right">{say('ui.first_known_as')}</th><th scope="col" className="right">{say('ui.expected')}</th><th scope="col" className="right">{say('ui.upper')}</th><th scope="col" className="right">{say('ui.second_source')}</th><th scope="col">{say('ui.alarms')}</th><th scope="col">{say('ui.known_at')}</th></tr></thead>
          <tbody>
            {data.rows.slice(-60).reverse().map(point => {
              const figure = (value: number | null) => (value === null ? '—' : numberText(value, language()))
              return (
                <tr key={point.period} className={point.is_believed ? '' : 'is-doubted-row'}>
                  <td className="first">{periodText(point.period, language())}</td>
                  <td className="right figure" data-title={say('ui.value')}>{figure(point.value)}</td>
                  <td data-title={say('ui.believed')}>{point.is_believed ? say('ui.yes') : <strong>{doubtOf(point.doubt).join(' ') || say('ui.not_believed')}</strong>}</td>
                  <td className="right figure" data-title={say('ui.first_known_as')}>{figure(point.value_then)}</td>
                  <td className="right figure" data-title={say('ui.expected')}>{figure(point.expected)}</td>
                  <td className="right figure" data-title={say('ui.upper')}>{figure(point.upper)}</td>
                  <td className="right figure" data-title={say('ui.second_source')}>{figure(point.other_value)}</td>
                  <td data-title={say('ui.alarms')}>{texts(point.alarms).join(', ') || '—'}</td>
                  <td data-title={say('ui.known_at')}>{point.known_at === null ? '—' : timeText(point.known_at, language())}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </Await>
  )
}

export function Page() {
  const say = useText()
  const { id = '' } = useParams()
  const asOf = useAsOf()
  const series = useRows('/series/{id}', { id })
  const mornings = useMornings()
  const [at, setAt] = useState<number | undefined>()
  const [hasTable, setTable] = useState(false)
  const [periods, setPeriods] = useState(30)
  const [isCopied, setCopied] = useState(false)
  const then = at === undefined || at >= back ? undefined : `${mornings[at]}T07:00:00+08:00`
  return (
    <Await query={series} lines={8} isEmpty={data => data.rows.length === 0} empty={<div className="page"><State picture="absent" title={say('ui.missing_title')}>{say('ui.missing_text')}</State></div>}>
      {data => {
        const row = data.rows[0]!
        const others = things(row.other_series)
        const copy = () => void navigator.clipboard.writeText(row.judge ?? '').then(() => setCopied(true))
        return (
          <div className="page series">
            <Title text={`${nameOf(row, 'division')} · ${nameOf(row, 'indicator')}`}>
              <p className="title-marks"><Level level={row.level} isNotice /> <Origin origin={row.origin} /> <span className="quiet">{say(`ui.area_${row.field}`)}{row.line !== null && ' · ' + say('ui.series_line', { line: row.line })}</span></p>
            </Title>
            <div className="chart-tools">
              <Segmented aria-label={say('ui.range')} value={periods} onChange={setPeriods} options={[{ value: 30, label: say('ui.range_30') }, { value: 60, label: say('ui.range_60') }, { value: 200, label: say('ui.range_all') }]} />
              <div className="slider">
                <span id="slider-label">{say('ui.slider')}</span>
                <Slider min={0} max={back} value={at ?? back} onChange={setAt} ariaLabelForHandle={say('ui.slider')} ariaValueTextFormatterForHandle={value => (value >= back ? say('ui.slider_now') : dayText(mornings[value] ?? '', language()))} tooltip={{ open: false }} />
                <output>{then === undefined ? say('ui.slider_now') : say('ui.slider_then', { day: dayText(mornings[at ?? 0] ?? '', language()) })}</output>
              </div>
            </div>
            {then !== undefined && <p className="then-line" role="status">{say('ui.slider_explained', { day: dayText(mornings[at ?? 0] ?? '', language()) })}</p>}
            <SeriesFigure id={id} periods={periods} thenAt={then} />
            {others.length > 0 && <p>{say('ui.second_source')}: {others.map(other => <Go key={idOf(other.id)} to={`/series/${idOf(other.id)}`}>{[sayPair(other, 'division'), write(other)].join(' · ')}</Go>)}</p>}
            <div className="buttons">
              <Button aria-expanded={hasTable} onClick={() => setTable(!hasTable)}>{say(hasTable ? 'ui.hide_table' : 'ui.show_table')}</Button>
              <a className="plain-button" href={exportAddress('/series/{id}/points', { id, as_of: asOf })} download={`points-${id}.csv`}>{say('ui.export_csv')}</a>
            </div>
            {hasTable && <Points id={id} />}
            {row.judge !== null && (
              <section>
                <h2>{say('ui.judge_title')}</h2>
                <p className="quiet">{say('ui.judge_about')}</p>
                <p><a href={exportAddress('/series/{id}/table', { id, as_of: asOf })} download={`series-${id}.csv`}>{say('ui.judge_file', { name: `series-${id}.csv` })}</a></p>
                <div className="judge"><pre tabIndex={0}>{row.judge}</pre><Button onClick={copy}>{say(isCopied ? 'ui.copied' : 'ui.copy')}</Button></div>
              </section>
            )}
          </div>
        )
      }}
    </Await>
  )
}
