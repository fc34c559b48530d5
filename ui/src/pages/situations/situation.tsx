// SPDX-License-Identifier: GPL-3.0-or-later
//
// situation.tsx: several notices, one event. Three scales stand side by side and look different, because they are: levee's
// internal level, the incident's grade, the response level. Official acts are pinned with their sources. At the end the
// question that teaches: could we have known earlier?
import { Button } from 'antd'
import { useState } from 'react'
import { useParams } from 'react-router-dom'
import { useRows, useSession, type Row } from '../../api/client'
import { acts as actsOf, clocks, heldOf, knownEarlier, linkedNotices, measures as measuresOf, records, seenAbove, sentences, things, type Act as Official } from '../../api/shapes'
import { useActs, type ActName } from '../../parts/acts'
import { ActDialog, type Act } from '../../parts/dialog'
import { Go } from '../../parts/go'
import { Grade, hatch, Level, levelName, levelOf, LevelShape, Origin, Response, Stamp } from '../../parts/level'
import { Records } from '../../parts/record'
import { SeenAbove } from '../../parts/seen'
import { SeriesFigure } from '../../parts/series-figure'
import { Await, State } from '../../parts/states'
import { Deadline } from '../../parts/time'
import { Timeline } from '../../parts/timeline'
import { Title } from '../../parts/title'
import { nameOf, say as write, useText } from '../../text'
import { Earlier } from './earlier'

type Situation = Row<'/situations/{id}'>
const shownInFull = 3

export function OfficialActs({ list }: { list: Official[] }) {
  const say = useText()
  if (list.length === 0) return <p className="quiet">{say('ui.official_none')}</p>
  return (
    <ul className="official-acts">
      {list.map((act, i) => (
        <li key={i}>{act.kind === 'official' ? <Stamp /> : <span className="finding">{say('ui.finding')}</span>} <span>{act.day}</span> <span>{act.act}</span>{act.authority !== '' && <span className="quiet"> {act.authority}</span>}{act.source !== '' && <cite className="quiet">{say('ui.source_is', { source: act.source })}</cite>}</li>
      ))}
    </ul>
  )
}

// A notice of the situation: its record as counts, its own page one click away.
function NoticePart({ id, onAct, mayAct }: { id: string; onAct: (act: Act) => void; mayAct: boolean }) {
  const say = useText()
  const acts = useActs()
  const { data } = useRows('/notices/{id}', { id })
  const row = data?.rows[0]
  if (row === undefined) return null
  const names: ActName[] = [...(row.state === 'raised' ? ['notice.take_over' as const] : []), 'notice.raise', 'notice.ask_lower']
  const held = heldOf(row)
  return (
    <li className={`part edge-${levelName[levelOf(row.level)]}${hatch(row.origin)}`}>
      <p className="part-head"><Level level={row.level} /> <Go to={`/notices/${row.id}`} data-line="">{write(row.title)}</Go> <span className="quiet">{say(`ui.state_${row.state}`)}</span></p>
      {held.map(line => <p key={line} className="held-line">{line}</p>)}
      {sentences(things(row.explanation).filter((line, i) => i < 2 || String(line.key).startsWith('notice.detectors'))).map(line => <p key={line}>{line}</p>)}
      <Records records={records(row.record)} about={row} />
      <p className="part-foot"><span>{[nameOf(row, 'unit'), nameOf(row, 'post')].filter(name => name !== '').join(' · ') || say('ui.nobody_yet')}</span> <Deadline at={row.deadline_at} /> <span className="seen">{say('ui.seen_above')}: <SeenAbove seen={seenAbove(row.seen_above)} /></span></p>
      {mayAct && row.state !== 'closed' && (
        <p className="acts">{names.map(name => acts.byCommand(name, row.id, row.level)).filter(act => act !== undefined).map(act => <Button key={act.command} type={act.command === 'notice.take_over' ? 'primary' : 'default'} onClick={() => onAct(act)}>{act.button}</Button>)}</p>
      )}
    </li>
  )
}

function Body({ row }: { row: Situation }) {
  const say = useText()
  const { data: session } = useSession()
  const timeline = useRows('/situations/{id}/timeline', { id: row.id, limit: 1000 })
  const [act, setAct] = useState<Act | undefined>()
  const notices = linkedNotices(row.notices)
  const open = notices.filter(notice => notice.isOpen)
  const rest = [...open.slice(shownInFull), ...notices.filter(notice => !notice.isOpen)]
  const first = useRows('/notices/{id}', { id: notices[0]?.id ?? '' }, notices.length > 0)
  const worst = first.data?.rows[0]
  // The title says that a figure is not believed; here stands why.
  const held = worst === undefined ? [] : heldOf(worst).slice(heldOf(worst).length > 1 ? 1 : 0)
  const evidence = worst?.series ?? null
  const earlier = knownEarlier(row.known_earlier)
  const measures = measuresOf(row.measures)
  return (
    <div className="page situation">
      <Title text={write(row.title)}>
        {held.length > 0 && <p className="lead">{held.join(' ')}</p>}
        <p className={'title-marks' + hatch(row.origin)}><strong>{nameOf(row, 'division')} · {say(`ui.area_${row.field}`)}</strong> <Origin origin={row.origin} /> <span className="quiet">{say('ui.situation_number', { number: row.id })}</span></p>
      </Title>
      <dl className="scales">
        <div className={`scale-internal edge-${levelName[levelOf(row.level)]}`}><dt>{say('ui.internal_level')}</dt><dd><Level level={row.level} isNotice size={22} /></dd><dd className="quiet">{say('ui.internal_level_is')}</dd></div>
        <div className="scale-grade"><dt>{say('ui.incident_grade')}</dt><dd><Grade grade={row.incident_grade} /></dd><dd className="quiet">{say('ui.incident_grade_is')}</dd></div>
        <div className="scale-response"><dt>{say('ui.response')}</dt><dd><Response level={row.response_level} /></dd><dd className="quiet">{say('ui.response_is')}</dd></div>
        <div className="scale-owner"><dt>{say('ui.owner')}</dt><dd>{[nameOf(row, 'unit'), nameOf(row, 'post')].filter(part => part !== '').join(' · ') || say('ui.nobody_yet')}</dd><dd>{clocks(row.clocks).map((clock, i) => <span key={i} className="clock-line">{clock.said} <Deadline at={clock.at} isShort /></span>)}</dd></div>
      </dl>
      <div className="columns">
        <div className="column-main">
          {evidence !== null && <section><h2>{say('ui.evidence')}</h2><SeriesFigure id={evidence} isSmall /><Go to={`/series/${evidence}`}>{say('ui.open_series')}</Go></section>}
          <section><h2>{say('ui.notices_of_situation')}</h2><ul className="parts">{open.slice(0, shownInFull).map(notice => <NoticePart key={notice.id} id={notice.id} onAct={setAct} mayAct={session?.role !== 'viewer'} />)}</ul>{rest.length > 0 && <ul className="linked">{rest.map(notice => <li key={notice.id}><Go to={`/notices/${notice.id}`}><LevelShape level={notice.level} size={12} /> {notice.title}</Go>{!notice.isOpen && <span className="quiet"> {say('ui.state_closed')}</span>}</li>)}</ul>}</section>
        </div>
        <aside className="column-side">
          <section><h2>{say('ui.official_acts')}</h2><OfficialActs list={actsOf(row.official)} /></section>
          <section>
            <h2>{say('ui.measures')}</h2>
            {measures.length === 0 ? <p className="quiet">{say('ui.measures_none')}</p> : <ul className="measures">{measures.map((measure, i) => <li key={i}><strong>{measure.said}</strong><br />{measure.unit} {measure.dueAt !== undefined && <Deadline at={measure.dueAt} isShort />}</li>)}</ul>}
          </section>
          {earlier !== undefined && <Earlier situation={row.id} earlier={earlier} mayAct={session?.role !== 'viewer'} />}
        </aside>
      </div>
      <section><h2>{say('ui.timeline')}</h2><Await query={timeline} lines={4}>{data => <Timeline steps={data.rows} />}</Await></section>
      <ActDialog act={act} onClose={() => setAct(undefined)} />
    </div>
  )
}

export function Page() {
  const { id = '' } = useParams()
  const say = useText()
  const situation = useRows('/situations/{id}', { id })
  return <Await query={situation} lines={8} isEmpty={data => data.rows.length === 0} empty={<div className="page"><State picture="absent" title={say('ui.missing_title')}>{say('ui.missing_text')}</State></div>}>{data => <Body row={data.rows[0]!} />}</Await>
}
