// SPDX-License-Identifier: GPL-3.0-or-later
//
// series-list.tsx: which indicators levee follows where, with the last value and its age.
import { usePages, type Row } from '../../api/client'
import { numberText, periodText } from '../../format'
import { Go } from '../../parts/go'
import { hatch, isSimulated, Level, Origin } from '../../parts/level'
import { isFictional, usePlaces } from '../../parts/places'
import { Await, State } from '../../parts/states'
import { Table, type Column } from '../../parts/table'
import { Moment } from '../../parts/time'
import { unitText } from '../../parts/unit'
import { Title } from '../../parts/title'
import { language, nameOf, useText } from '../../text'
import { useSearchParams } from 'react-router-dom'

export function Page() {
  const say = useText()
  const [search] = useSearchParams()
  const { byCode } = usePlaces()
  const division = search.get('division')
  const series = usePages('/series', { limit: 50, field: search.get('field') ?? undefined, division: division === null ? undefined : byCode.get(division)?.id, sort: search.get('sort') ?? undefined })
  const columns: Column<Row<'/series'>>[] = [
    { name: 'series', title: say('ui.series'), isFirst: true, sort: 'series', cell: row => <Go to={`/series/${row.id}`} data-line="">{nameOf(row, 'division')}{isFictional(row.division_code) && say('ui.fictional_suffix')} · {nameOf(row, 'indicator')}</Go> },
    { name: 'level', isShort: true, title: say('ui.level'), sort: 'level', cell: row => <Level level={row.level} /> },
    { name: 'field', isShort: true, title: say('ui.field'), sort: 'field', cell: row => say(`ui.area_${row.field}`) },
    { name: 'last', title: say('ui.last_value'), isRight: true, cell: row => (row.last_value === null ? '—' : <span className="figure">{numberText(row.last_value, language())} {unitText(row.unit, say)}</span>) },
    { name: 'period', title: say('ui.period'), cell: row => (row.last_period === null ? '—' : periodText(row.last_period, language())) },
    { name: 'known', title: say('ui.known_at'), cell: row => <Moment at={row.last_known_at} hasAge /> },
    { name: 'origin', isShort: true, title: say('ui.origin'), sort: 'origin', cell: row => <>{row.origin === null ? '—' : isSimulated(row.origin) ? <Origin origin={row.origin} /> : say('ui.origin_real')}</> },
  ]
  return (
    <div className="page">
      <Title text={say('ui.menu_series')} />
      <Await query={series} isEmpty={data => data.pages.every(page => page.rows.length === 0)} empty={<State picture="absent" title={say('ui.series_none')}>{say('ui.series_none_text')}</State>}>
        {data => <Table label={say('ui.menu_series')} columns={columns} rows={data.pages.flatMap(page => page.rows)} keyOf={row => row.id} to={row => `/series/${row.id}`} hasMore={series.hasNextPage} onMore={() => void series.fetchNextPage()} isMoreBusy={series.isFetchingNextPage} kindOf={row => hatch(row.origin).trim()} />}
      </Await>
    </div>
  )
}
