// SPDX-License-Identifier: GPL-3.0-or-later
//
// notice.tsx: one notice (风险提示). It explains itself: what was seen, what was expected, how unusual, by which method, how
// often that was right here, what to do. Beside it the owner, the clock, who above has seen it, and the acts.
import { Button } from 'antd'
import { useState } from 'react'
import { useParams } from 'react-router-dom'
import { useRows, useSession, type Row } from '../../api/client'
import { heldOf, linkedNotices, questions, records, seenAbove, sentences, things } from '../../api/shapes'
import { useActs, type ActName } from '../../parts/acts'
import { ActDialog, type Act } from '../../parts/dialog'
import { Go } from '../../parts/go'
import { hatch, Level, levelName, levelOf, LevelShape, Origin } from '../../parts/level'
import { Records } from '../../parts/record'
import { SeenAbove } from '../../parts/seen'
import { Await, Refusal, State } from '../../parts/states'
import { Deadline, Moment } from '../../parts/time'
import { Timeline } from '../../parts/timeline'
import { Title } from '../../parts/title'
import { SeriesFigure } from '../../parts/series-figure'
import { nameOf, say as write, useText } from '../../text'

type Notice = Row<'/notices/{id}'>

function Acts({ row, onAct }: { row: Notice; onAct: (act: Act) => void }) {
  const say = useText()
  const acts = useActs()
  const { data: session } = useSession()
  if (row.state === 'closed') return <p className="quiet">{say('ui.notice_is_closed')}</p>
  if (session?.role === 'viewer') return <p className="quiet">{say('ui.viewer_only_reads')}</p>
  const names: ActName[] = [...(row.state === 'raised' ? ['notice.take_over' as const] : []), 'notice.judge', 'notice.raise', 'notice.ask_lower', 'notice.lower', 'notice.close']
  const offered = names.map(name => acts.byCommand(name, row.id, row.level)).filter(act => act !== undefined)
  return (
    <div className="acts">
      {offered.map((act, i) => <Button key={act.command} type={i === 0 && row.state === 'raised' ? 'primary' : 'default'} onClick={() => onAct(act)}>{act.button}</Button>)}
      <p className="quiet">{say('ui.acts_rule')}</p>
    </div>
  )
}

function Explanation({ row }: { row: Notice }) {
  const say = useText()
  const held = heldOf(row)
  const lines = sentences(row.explanation)
  const judged = sentences(things(row.judged))
  const lead = sentences(row.lead_time)
  const plan = sentences(row.plan)
  const rules = records(row.record)
  return (
    <>
      {held.length > 0 && <section className="held"><h2>{say('ui.not_believed_title')}</h2>{held.map(line => <p key={line}>{line}</p>)}</section>}
      <section>
        <h2>{say('ui.what_was_seen')}</h2>
        {lines.length === 0 ? <p className="quiet">{say('ui.explanation_none')}</p> : <ul className="explanation">{lines.map(line => <li key={line}>{line}</li>)}</ul>}
      </section>
      <section>
        <h2>{say('ui.how_often_right')}</h2>
        <Records records={rules} about={row} />
        <p className="quiet">{lead.length > 0 ? lead.join(' ') : say('ui.lead_time_none')}</p>
      </section>
      <section>
        <h2>{say('ui.what_to_do')}</h2>
        {plan.length === 0 ? <p className="quiet">{say('ui.plan_none')}</p> : <ol className="explanation">{plan.map(line => <li key={line}>{line}</li>)}</ol>}
      </section>
      {judged.length > 0 && <section><h2>{say('ui.judged')}</h2>{judged.map(line => <p key={line}>{line}</p>)}</section>}
    </>
  )
}

function Body({ row }: { row: Notice }) {
  const say = useText()
  const timeline = useRows('/notices/{id}/timeline', { id: row.id, limit: 1000 })
  const acts = useActs()
  const { data: session } = useSession()
  const [act, setAct] = useState<Act | undefined>()
  const children = linkedNotices(row.children)
  const asked = questions(row.questions)
  const owner = [nameOf(row, 'unit'), nameOf(row, 'post')].filter(part => part !== '').join(' · ')
  return (
    <div className={`page notice edge-${levelName[levelOf(row.level)]}`}>
      <Title text={write(row.title)}>
        <p className={'title-marks' + hatch(row.origin)}><Level level={row.level} isNotice size={18} /> <span>{nameOf(row, 'division')}</span> <Origin origin={row.origin} /> <span className="quiet">{say('ui.notice_number', { number: row.id })}</span></p>
      </Title>
      <div className="columns">
        <div className="column-main">
          <Explanation row={row} />
          {row.series !== null && <section><h2>{say('ui.evidence')}</h2><SeriesFigure id={row.series} isSmall /><Go to={`/series/${row.series}`}>{say('ui.open_series')}</Go></section>}
          {asked.length > 0 && (
            <section>
              <h2>{say('ui.questions')}</h2>
              <ul className="linked">
                {asked.map(question => (
                  <li key={question.id}>
                    {question.title} {question.answered !== '' ? <strong>{question.answered}</strong> : <Deadline at={question.deadlineAt} />}{' '}
                    {question.answered === '' && session?.role !== 'viewer' && <Button size="small" onClick={() => setAct(acts.byCommand('reading.answer', question.id, 0))}>{say('ui.act_answer')}</Button>}
                  </li>
                ))}
              </ul>
            </section>
          )}
          {children.length > 0 && <section><h2>{say('ui.notices_below')}</h2><ul className="linked">{children.map(child => <li key={child.id}><Go to={`/notices/${child.id}`}><LevelShape level={child.level} size={12} /> {child.title}</Go></li>)}</ul></section>}
        </div>
        <aside className="column-side">
          <dl className="facts">
            <dt>{say('ui.state')}</dt><dd>{say(`ui.state_${row.state}`)}</dd>
            <dt>{say('ui.owner')}</dt><dd>{owner !== '' ? owner : say('ui.nobody_yet')}</dd>
            <dt>{say('ui.deadline')}</dt><dd><Deadline at={row.deadline_at} /></dd>
            <dt>{say('ui.raised_at')}</dt><dd><Moment at={row.raised_at} hasAge /></dd>
            <dt>{say('ui.seen_above')}</dt><dd><SeenAbove seen={seenAbove(row.seen_above)} /></dd>
            {row.situation !== null && <><dt>{say('ui.situation')}</dt><dd><Go to={`/situations/${row.situation}`}>{say('ui.open_situation')}</Go></dd></>}
          </dl>
          <Acts row={row} onAct={setAct} />
          <p className="quiet">{say('ui.internal_only')}</p>
        </aside>
      </div>
      <section>
        <h2>{say('ui.timeline')}</h2>
        <Await query={timeline} lines={4}>{data => <Timeline steps={data.rows} />}</Await>
      </section>
      <ActDialog act={act} onClose={() => setAct(undefined)} />
    </div>
  )
}

export function Page() {
  const { id = '' } = useParams()
  const say = useText()
  const notice = useRows('/notices/{id}', { id })
  if (notice.error !== null && notice.data === undefined) return <div className="page"><Refusal error={notice.error} again={() => void notice.refetch()} /></div>
  return <Await query={notice} isEmpty={data => data.rows.length === 0} empty={<div className="page"><State picture="absent" title={say('ui.missing_title')}>{say('ui.missing_text')}</State></div>}>{data => <Body row={data.rows[0]!} />}</Await>
}
