// SPDX-License-Identifier: GPL-3.0-or-later
//
// today.tsx: the officer's morning. One list by clock; a line says what, why me, and has one button. Beside it the
// figures that are due (due.tsx); under it the own fields as small lines.
import { Button } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useRows, type Row } from '../../api/client'
import { sentences } from '../../api/shapes'
import { ActDialog, type Act } from '../../parts/dialog'
import { useActs } from '../../parts/acts'
import { Go, useKept } from '../../parts/go'
import { walkLines } from '../../parts/keys'
import { hatch, Level, Origin } from '../../parts/level'
import { Spark } from '../../parts/spark'
import { Await, State } from '../../parts/states'
import { Deadline, Moment } from '../../parts/time'
import { Title } from '../../parts/title'
import { language, nameOf, say as write, useText } from '../../text'
import { numberText, periodText } from '../../format'
import { DueFigures } from './due'

type Line = Row<'/today'>
const buckets = ['overdue', 'today', 'week', 'later'] as const

function addressOf(row: Line): string {
  if (row.notice !== null) return `/notices/${row.notice}`
  if (row.situation !== null) return `/situations/${row.situation}`
  return `/entries/${row.id.split('-').pop() ?? row.id}`
}

function TodayLine({ row, onAct }: { row: Line; onAct: (act: Act) => void }) {
  const say = useText()
  const acts = useActs()
  const kept = useKept()
  const navigate = useNavigate()
  const act = row.action !== null ? acts.byCommand(row.action, row.action_target ?? row.id, row.level ?? 0) : undefined
  return (
    <li className={'today-line' + hatch(row.origin)}>
      <Go to={addressOf(row)} data-line="" className="today-what">
        <Level level={row.level} /> <span className="today-title">{write(row.title)}</span> <Origin origin={row.origin} />
      </Go>
      <p className="today-why">
        {sentences(row.why).join(' ')}
        {row.seen_above_at !== null && <span className="seen"> {say('ui.seen_above_since')} <Moment at={row.seen_above_at} /></span>}
      </p>
      <span className="today-clock"><Deadline at={row.deadline_at} /></span>
      <span className="today-act">
        {act !== undefined
          ? <Button type="primary" onClick={() => onAct(act)}>{act.button}</Button>
          : <Button onClick={() => navigate(kept(addressOf(row)))}>{say('ui.open')}</Button>}
      </span>
    </li>
  )
}

export function Page() {
  const say = useText()
  const today = useRows('/today', { limit: 200 })
  const due = useRows('/today/due')
  const series = useRows('/series', { limit: 6 })
  const [act, setAct] = useState<Act | undefined>()
  const own = (series.data?.rows ?? []).slice(0, 6)
  return (
    <div className="page today">
      <Title text={say('ui.menu_today')} />
      <div className="today-both">
        <section className="today-list" aria-label={say('ui.today_list')} onKeyDown={walkLines}>
          <Await query={today} isEmpty={data => data.rows.length === 0} empty={<State picture="calm" title={say('ui.today_none')}>{say('ui.today_none_text')}</State>}>
            {data => (
              <>
                {buckets.map(bucket => {
                  const rows = data.rows.filter(row => row.bucket === bucket)
                  if (rows.length === 0) return null
                  return (
                    <section key={bucket} className={`bucket is-${bucket}`}>
                      <h2>{say(`ui.bucket_${bucket}`)} <span className="count">{rows.length}</span></h2>
                      <ul>{rows.map(row => <TodayLine key={row.id} row={row} onAct={setAct} />)}</ul>
                    </section>
                  )
                })}
              </>
            )}
          </Await>
        </section>
        <section className="today-due" aria-labelledby="due-title">
          <h2 id="due-title">{say('ui.due_title')}</h2>
          <Await query={due} isEmpty={data => data.rows.length === 0} empty={<p className="quiet">{say('ui.due_none')}</p>}>{data => <DueFigures rows={data.rows} />}</Await>
        </section>
      </div>
      {own.length > 0 && (
        <section className="own-fields" aria-labelledby="own-title">
          <h2 id="own-title">{say('ui.own_fields')}</h2>
          <ul>
            {own.map(row => {
              const label = `${nameOf(row, 'division')} · ${nameOf(row, 'indicator')}`
              return (
                <li key={row.id}>
                  <Go to={`/series/${row.id}`}>{label}</Go> <Origin origin={row.origin} />
                  <Spark series={row.id} label={label} origin={row.origin} />
                  <span className="quiet">{row.last_period !== null && <>{periodText(row.last_period, language())}: {row.last_value === null ? '—' : numberText(row.last_value, language())}</>}</span>
                </li>
              )
            })}
          </ul>
        </section>
      )}
      <ActDialog act={act} onClose={() => setAct(undefined)} />
    </div>
  )
}
