// SPDX-License-Identifier: GPL-3.0-or-later
//
// counted.tsx: what stands behind a count of the overview's foot: the figures that are not believed, the instructions, the
// minutes asked of counties, the signals that the alarm budget held back. A number that nobody can open is not believed.
import { useParams } from 'react-router-dom'
import { usePages, type Row } from '../../api/client'
import { sentences } from '../../api/shapes'
import { periodText } from '../../format'
import { Go } from '../../parts/go'
import { hatch, Level, Origin } from '../../parts/level'
import { Await, State } from '../../parts/states'
import { Table, type Column } from '../../parts/table'
import { Deadline, Moment } from '../../parts/time'
import { Title } from '../../parts/title'
import { language, nameOf, useText } from '../../text'

function Calm() {
  const say = useText()
  return <State picture="calm" title={say('ui.behind_none')}>{say('ui.behind_none_text')}</State>
}

function Doubts() {
  const say = useText()
  const doubts = usePages('/doubts', { limit: 50 })
  const columns: Column<Row<'/doubts'>>[] = [
    { name: 'figure', title: say('ui.figure'), isFirst: true, cell: row => <Go to={`/series/${row.series}`} data-line="">{nameOf(row, 'division')} · {nameOf(row, 'indicator')} · {periodText(row.period, language())}</Go> },
    { name: 'value', title: say('ui.value'), isRight: true, cell: row => <span className="figure">{row.value}</span> },
    { name: 'other', title: say('ui.second_source'), isRight: true, cell: row => <span className="figure">{row.other_value ?? '—'}</span> },
    { name: 'why', title: say('ui.doubt_why'), cell: row => sentences(row.is_open ? row.reason : row.answered).join(' ') },
    { name: 'state', isShort: true, title: say('ui.state'), cell: row => <>{say(row.is_open ? 'ui.doubt_open' : 'ui.doubt_answered')} <Origin origin={row.origin} /></> },
    { name: 'asked', title: say('ui.doubt_asked'), cell: row => nameOf(row, 'unit') || <span className="quiet">{say('ui.nobody_yet')}</span> },
    { name: 'clock', title: say('ui.deadline'), cell: row => (row.is_open ? <Deadline at={row.deadline_at} /> : <Moment at={row.answered_at} />) },
  ]
  return <Await query={doubts} isEmpty={data => data.pages.every(page => page.rows.length === 0)} empty={<Calm />}>{data => <Table label={say('ui.behind_doubts')} columns={columns} rows={data.pages.flatMap(page => page.rows)} keyOf={row => row.id} to={row => `/series/${row.series}`} hasMore={doubts.hasNextPage} onMore={() => void doubts.fetchNextPage()} isMoreBusy={doubts.isFetchingNextPage} kindOf={row => hatch(row.origin).trim()} />}</Await>
}

function Instructions() {
  const say = useText()
  const instructions = usePages('/instructions', { limit: 50 })
  const columns: Column<Row<'/instructions'>>[] = [
    { name: 'text', title: say('ui.instruction'), isFirst: true, cell: row => <Go to={`/entries/${row.id.split('-').pop() ?? row.id}`} data-line="">{nameOf(row, 'text')}</Go> },
    { name: 'unit', title: say('ui.owner'), cell: row => nameOf(row, 'unit') },
    { name: 'state', isShort: true, title: say('ui.state'), cell: row => <span className={row.state === 'late' || row.state === 'slipped' ? 'is-overdue-word' : ''}>{say(`ui.instruction_${row.state}`)}</span> },
    { name: 'given', title: say('ui.given_at'), cell: row => <Moment at={row.given_at} /> },
    { name: 'due', title: say('ui.deadline'), cell: row => (row.done_at === null ? <Deadline at={row.due_at} /> : <Moment at={row.due_at} />) },
    { name: 'done', title: say('ui.done_at'), cell: row => (row.done_at === null ? '—' : <Moment at={row.done_at} />) },
  ]
  return <Await query={instructions} isEmpty={data => data.pages.every(page => page.rows.length === 0)} empty={<Calm />}>{data => <Table label={say('ui.behind_instructions')} columns={columns} rows={data.pages.flatMap(page => page.rows)} keyOf={row => row.id} to={row => `/entries/${row.id.split('-').pop() ?? row.id}`} hasMore={instructions.hasNextPage} onMore={() => void instructions.fetchNextPage()} isMoreBusy={instructions.isFetchingNextPage} />}</Await>
}

function Minutes() {
  const say = useText()
  const figures = usePages('/figures/typed', { limit: 50 })
  const columns: Column<Row<'/figures/typed'>>[] = [
    { name: 'figure', title: say('ui.figure'), isFirst: true, cell: row => <Go to={`/series/${row.series}`} data-line="">{nameOf(row, 'division')} · {nameOf(row, 'indicator')} · {periodText(row.period, language())}</Go> },
    { name: 'minutes', title: say('ui.minutes'), isRight: true, cell: row => <span className="figure">{row.minutes}</span> },
    { name: 'unit', title: say('ui.typed_by'), cell: row => <>{nameOf(row, 'unit') || say('ui.unknown')} <Origin origin={row.origin} /></> },
    { name: 'time', title: say('ui.typed_at'), cell: row => <Moment at={row.time} /> },
  ]
  return <Await query={figures} isEmpty={data => data.pages.every(page => page.rows.length === 0)} empty={<Calm />}>{data => <Table label={say('ui.behind_minutes')} columns={columns} rows={data.pages.flatMap(page => page.rows)} keyOf={row => row.id} to={row => `/series/${row.series}`} hasMore={figures.hasNextPage} onMore={() => void figures.fetchNextPage()} isMoreBusy={figures.isFetchingNextPage} kindOf={row => hatch(row.origin).trim()} />}</Await>
}

function HeldBack() {
  const say = useText()
  const held = usePages('/held-back', { limit: 50 })
  const columns: Column<Row<'/held-back'>>[] = [
    { name: 'series', title: say('ui.series'), isFirst: true, cell: row => <Go to={`/series/${row.series ?? ''}`} data-line="">{nameOf(row, 'division')} · {row.indicator}</Go> },
    { name: 'level', isShort: true, title: say('ui.level'), cell: row => <Level level={row.level} /> },
    { name: 'origin', isShort: true, title: say('ui.origin'), cell: row => say(`ui.origin_${row.origin}`) },
    { name: 'time', title: say('ui.raised_at'), cell: row => <Moment at={row.time} /> },
  ]
  return <Await query={held} isEmpty={data => data.pages.every(page => page.rows.length === 0)} empty={<Calm />}>{data => <Table label={say('ui.behind_held_back')} columns={columns} rows={data.pages.flatMap(page => page.rows)} keyOf={row => `${row.series} ${row.time}`} to={row => `/series/${row.series ?? ''}`} hasMore={held.hasNextPage} onMore={() => void held.fetchNextPage()} isMoreBusy={held.isFetchingNextPage} kindOf={row => hatch(row.origin).trim()} />}</Await>
}

const lists: Record<string, () => React.ReactNode> = { doubts: Doubts, instructions: Instructions, minutes: Minutes, held_back: HeldBack }

export function Page() {
  const say = useText()
  const { what = '' } = useParams()
  const List = lists[what]
  if (List === undefined) return <div className="page"><State picture="absent" title={say('ui.missing_title')}>{say('ui.missing_text')}</State></div>
  return (
    <div className="page behind">
      <Title text={say(`ui.behind_${what}`)}><p className="quiet">{say(`ui.behind_${what}_about`)}</p></Title>
      <List />
    </div>
  )
}
