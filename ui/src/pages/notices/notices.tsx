// SPDX-License-Identifier: GPL-3.0-or-later
//
// notices.tsx: every notice, filtered and sorted by the server. Filters stand in the address; what is shown can be taken
// away as CSV.
import { Select } from 'antd'
import { useSearchParams } from 'react-router-dom'
import { exportAddress, useAsOf, usePages, type Row } from '../../api/client'
import { Go } from '../../parts/go'
import { hatch, Level, Origin } from '../../parts/level'
import { isFictional, usePlaces } from '../../parts/places'
import { Await, State } from '../../parts/states'
import { ColumnChoice, Table, type Column } from '../../parts/table'
import { Deadline, Moment } from '../../parts/time'
import { Title } from '../../parts/title'
import { nameOf, say as write, useText } from '../../text'

type Notice = Row<'/notices'>

function Filter({ name, label, options }: { name: string; label: string; options: { value: string; label: string }[] }) {
  const [search, setSearch] = useSearchParams()
  const say = useText()
  const change = (value: string) => {
    if (value === '') search.delete(name)
    else search.set(name, value)
    setSearch(search, { replace: true })
  }
  return (
    <label className="filter">
      <span>{label}</span>
      <Select aria-label={label} value={search.get(name) ?? ''} onChange={change} popupMatchSelectWidth={false} options={[{ value: '', label: say('ui.all') }, ...options]} />
    </label>
  )
}

export function Page() {
  const say = useText()
  const asOf = useAsOf()
  const [search] = useSearchParams()
  const { byCode } = usePlaces()
  const given = (name: string) => search.get(name) ?? undefined
  const division = given('division')
  const parameters = { field: given('field'), level: given('level'), state: given('state'), origin: given('origin'), is_open: given('is_open'), sort: given('sort'), division: division === undefined ? undefined : byCode.get(division)?.id, limit: 50 }
  const notices = usePages('/notices', parameters)
  const columns: Column<Notice>[] = [
    { name: 'title', title: say('ui.notice'), isFirst: true, cell: row => <Go to={`/notices/${row.id}`} data-line="">{write(row.title)}</Go> },
    { name: 'level', isShort: true, title: say('ui.level'), sort: 'level', cell: row => <Level level={row.level} /> },
    { name: 'state', isShort: true, title: say('ui.state'), sort: 'state', cell: row => say(`ui.state_${row.state}`) },
    { name: 'division', title: say('ui.division'), sort: 'division', cell: row => <>{nameOf(row, 'division')}{isFictional(row.division_code) && say('ui.fictional_suffix')} <Origin origin={row.origin} /></> },
    { name: 'field', isShort: true, title: say('ui.field'), sort: 'field', cell: row => say(`ui.area_${row.field}`) },
    { name: 'unit', title: say('ui.owner'), cell: row => nameOf(row, 'unit') || <span className="quiet">{say('ui.nobody_yet')}</span> },
    { name: 'raised', title: say('ui.raised_at'), sort: 'raised', cell: row => <Moment at={row.raised_at} /> },
    { name: 'deadline', title: say('ui.deadline'), sort: 'deadline', cell: row => <Deadline at={row.deadline_at} /> },
  ]
  return (
    <div className="page">
      <Title text={say('ui.menu_notices')} />
      <div className="filters">
        <Filter name="is_open" label={say('ui.open_or_closed')} options={[{ value: 'true', label: say('ui.open_only') }, { value: 'false', label: say('ui.closed_only') }]} />
        <Filter name="level" label={say('ui.level')} options={['red', 'orange', 'yellow', 'blue'].map((name, i) => ({ value: String(4 - i), label: say(`ui.level_${name}`) }))} />
        <Filter name="field" label={say('ui.field')} options={['epidemic', 'petition', 'finance'].map(field => ({ value: field, label: say(`ui.area_${field}`) }))} />
        <Filter name="origin" label={say('ui.origin')} options={['real', 'simulated'].map(origin => ({ value: origin, label: say(`ui.origin_${origin}`) }))} />
        <span className="filters-end">
          <ColumnChoice columns={columns} />
          <a className="plain-button" href={exportAddress('/notices', { ...parameters, limit: undefined, as_of: asOf })} download>{say('ui.export_csv')}</a>
        </span>
      </div>
      {division !== undefined && <p className="quiet">{say('ui.only_division', { name: nameOf(byCode.get(division), 'name') || division })}</p>}
      <Await query={notices} isEmpty={data => data.pages.every(page => page.rows.length === 0)} empty={<State picture="calm" title={say('ui.notices_none')}>{say('ui.notices_none_text')}</State>}>
        {data => (
          <Table label={say('ui.menu_notices')} columns={columns} rows={data.pages.flatMap(page => page.rows)} keyOf={row => row.id} to={row => `/notices/${row.id}`} hasMore={notices.hasNextPage} onMore={() => void notices.fetchNextPage()} isMoreBusy={notices.isFetchingNextPage} kindOf={row => hatch(row.origin).trim()} />
        )}
      </Await>
    </div>
  )
}
