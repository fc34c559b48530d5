// SPDX-License-Identifier: GPL-3.0-or-later
//
// situations.tsx: the events that several notices belong to; worst first.
import { useSearchParams } from 'react-router-dom'
import { usePages, type Row } from '../../api/client'
import { Go } from '../../parts/go'
import { Grade, hatch, Level, Origin, Response } from '../../parts/level'
import { Await, State } from '../../parts/states'
import { Table, type Column } from '../../parts/table'
import { Moment } from '../../parts/time'
import { Title } from '../../parts/title'
import { nameOf, say as write, useText } from '../../text'

export function Page() {
  const say = useText()
  const [search] = useSearchParams()
  const situations = usePages('/situations', { limit: 50, sort: search.get('sort') ?? undefined })
  const columns: Column<Row<'/situations'>>[] = [
    { name: 'title', title: say('ui.situation'), isFirst: true, cell: row => <Go to={`/situations/${row.id}`} data-line="">{write(row.title)}</Go> },
    { name: 'level', isShort: true, title: say('ui.internal_level'), sort: 'level', cell: row => <Level level={row.level} /> },
    { name: 'grade', title: say('ui.incident_grade'), sort: 'grade', cell: row => <Grade grade={row.incident_grade} /> },
    { name: 'response', title: say('ui.response'), sort: 'response', cell: row => <Response level={row.response_level} /> },
    { name: 'division', title: say('ui.division'), sort: 'division', cell: row => <>{nameOf(row, 'division')} <Origin origin={row.origin} /></> },
    { name: 'unit', title: say('ui.owner'), cell: row => nameOf(row, 'unit') || <span className="quiet">{say('ui.nobody_yet')}</span> },
    { name: 'opened', title: say('ui.opened_at'), sort: 'opened', cell: row => <Moment at={row.opened_at} hasAge /> },
    { name: 'open', isShort: true, title: say('ui.state'), sort: 'open', cell: row => say(row.is_open ? 'ui.is_open' : 'ui.is_closed') },
  ]
  return (
    <div className="page">
      <Title text={say('ui.menu_situations')} />
      <Await query={situations} isEmpty={data => data.pages.every(page => page.rows.length === 0)} empty={<State picture="calm" title={say('ui.matters_none')}>{say('ui.matters_none_text')}</State>}>
        {data => <Table label={say('ui.menu_situations')} columns={columns} rows={data.pages.flatMap(page => page.rows)} keyOf={row => row.id} to={row => `/situations/${row.id}`} hasMore={situations.hasNextPage} onMore={() => void situations.fetchNextPage()} isMoreBusy={situations.isFetchingNextPage} kindOf={row => hatch(row.origin).trim()} />}
      </Await>
    </div>
  )
}
