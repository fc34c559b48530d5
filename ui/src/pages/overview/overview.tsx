// SPDX-License-Identifier: GPL-3.0-or-later
//
// overview.tsx: one screen for who leads. At most three situations in words; the map with its list; the fields and how
// far each stands from the line that must hold; the foot. Key P prints the same as one A4 page (sheet.tsx).
import { Button } from 'antd'
import { useState } from 'react'
import { useSearchParams } from 'react-router-dom'
import { useRows, useSession, type Row } from '../../api/client'
import { acts, distanceOf, sentences, things } from '../../api/shapes'
import { dateText, numberText, periodText } from '../../format'
import { DivisionMap, type Area } from '../../parts/division-map'
import { Go } from '../../parts/go'
import { useKey, walkLines } from '../../parts/keys'
import { hatch, isSimulated, Level, LevelShape, levelName, levelOf, Origin, Stamp } from '../../parts/level'
import { cityOf, fictionalCity, isFictional, usePlaces } from '../../parts/places'
import { Await, State } from '../../parts/states'
import { Deadline } from '../../parts/time'
import { Title } from '../../parts/title'
import { language, nameOf, say as write, useText, type Say } from '../../text'
import { Sheet } from './sheet'

type Situation = Row<'/overview/situations'>
type Field = Row<'/overview/fields'>
type Division = Row<'/overview/divisions'>

// What the next clock is for; where it is the matter itself, just that it is the next clock.
export function clockWords(row: Situation, say: Say): string {
  const said = sentences(row.next_clock)[0] ?? ''
  return said === '' || said === write(row.worst) ? say('ui.next_clock') : said
}

// Which offices answer: those of all its open notices, the worst one's first.
export function answering(row: Situation, say: Say): string {
  const units = things(row.units).map(write)
  return units.length === 0 ? say('ui.nobody_yet') : units.length <= 2 ? units.join(' · ') : say('ui.units_more', { first: units[0]!, count: units.length - 1 })
}

function Matter({ row }: { row: Situation }) {
  const say = useText()
  const official = acts(row.official)[0]
  const who = answering(row, say)
  return (
    <Go to={`/situations/${row.id}`} className={`matter edge-${levelName[levelOf(row.level)]}${hatch(row.origin)}`} data-line="">
      <span className="matter-head"><Level level={row.level} isNotice size={16} /> <span className="matter-place">{say(`ui.area_${row.field}`)}</span> <Origin origin={row.origin} /></span>
      <strong className="matter-title">{write(row.title)}</strong>
      {sentences(row.change).map(line => <span key={line} className="matter-change">{line}</span>)}
      {official !== undefined && <span className="matter-official"><Stamp /> {official.day} {official.act}</span>}
      <span className="matter-foot">
        <span>{who}</span>
        <span title={clockWords(row, say)}>{say('ui.next_clock')} {row.next_clock_at !== null && <Deadline at={row.next_clock_at} isShort />}</span>
      </span>
    </Go>
  )
}

// How far the worst series stands from the line, in words; past it, that is the first word.
function DistanceWords({ value }: { value: unknown }) {
  const say = useText()
  const found = distanceOf(value)
  if (found === undefined) return <span className="distance quiet">{say('ui.distance_unknown')}</span>
  const figure = (n: number) => numberText(n, language())
  return (
    <span className={found.isHeld ? 'distance' : 'distance is-past'} title={periodText(found.period, language())}>
      {say(found.isHeld ? 'ui.distance_held' : 'ui.distance_past', { place: found.place, value: figure(found.value), distance: figure(Math.abs(found.distance)), figure: figure(found.figure) })}
    </span>
  )
}

// Plus and minus in words of figures: a change of nothing is said, a change unknown is a dash with its reason.
function Change({ value, unit }: { value: number | null | undefined; unit?: string }) {
  const say = useText()
  if (value === null || value === undefined) return <span className="quiet" title={say('ui.change_unknown')}>—</span>
  const sign = value > 0 ? '+' : value < 0 ? '−' : '±'
  return <span className="figure">{sign}{numberText(Math.abs(value), language())}{unit}</span>
}

export function Fields({ rows }: { rows: Field[] }) {
  const say = useText()
  return (
    <table className="fields">
      <thead><tr><th scope="col">{say('ui.field')}</th><th scope="col">{say('ui.line_that_holds')}</th><th scope="col" className="right">{say('ui.on_last_period')}</th><th scope="col" className="right">{say('ui.on_last_year')}</th></tr></thead>
      <tbody>
        {rows.map(row => (
          <tr key={row.field} className={hatch(row.origin).trim()}>
            <th scope="row">
              {row.is_connected ? <Level level={row.level} /> : null}
              {row.series !== null && row.is_connected ? <Go to={`/series/${row.series}`}>{nameOf(row, 'name')}</Go> : <span>{nameOf(row, 'name')}</span>} <Origin origin={row.origin} />
            </th>
            {row.is_connected
              ? <><td><DistanceWords value={row.distance} /><span className="quiet line-text">{write(row.line)}</span></td><td className="right"><Change value={row.change_period} /></td><td className="right"><Change value={row.change_year} /></td></>
              : <td colSpan={3} className="not-connected">{say('ui.not_connected')}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function FootLine({ row }: { row: Row<'/overview/foot'> }) {
  const say = useText()
  const cells: [string, number, string, string][] = [
    ['ui.foot_done', row.instructions_done, '', 'instructions'], ['ui.foot_on_time', row.instructions_on_time, '', 'instructions'], ['ui.foot_slipped', row.instructions_slipped, row.instructions_slipped > 0 ? 'is-slipped' : '', 'instructions'],
    ['ui.foot_not_believed', row.not_believed, row.not_believed > 0 ? 'is-doubted' : '', 'doubts'], ['ui.foot_held_back', row.held_back, '', 'held_back'], ['ui.foot_minutes', row.minutes_asked, '', 'minutes'],
  ]
  return (
    <dl className="foot-line">
      {cells.map(([key, value, kind, behind]) => <div key={key} className={kind}><dt><Go to={`/behind/${behind}`}>{say(key)}</Go></dt><dd className="figure">{numberText(value, language())}</dd></div>)}
    </dl>
  )
}

// What the map shows: the divisions just below the reader's; and, below them, where notices are open.
function useAreas(divisions: Division[]) {
  const open = useRows('/notices', { is_open: true, limit: 500 })
  const areas = new Map<string, Area>()
  for (const row of open.data?.rows ?? []) {
    const code = row.division_code
    areas.set(code, { name: nameOf(row, 'division'), level: Math.max(levelOf(row.level), areas.get(code)?.level ?? 0), origin: row.origin, isConnected: true })
  }
  for (const row of divisions) areas.set(row.code, { name: nameOf(row, 'name'), level: levelOf(row.level), origin: row.origin, isConnected: row.is_connected })
  return areas
}

// The list beside the map: worst first, then those that are calm, then those from which nothing comes.
function byWorst(a: Division, b: Division): number {
  return Number(b.is_connected) - Number(a.is_connected) || levelOf(b.level) - levelOf(a.level) || a.code.localeCompare(b.code)
}

function Places({ divisions, city }: { divisions: Division[]; city: string | undefined }) {
  const say = useText()
  const [search, setSearch] = useSearchParams()
  const [chosen, setChosen] = useState<string | undefined>()
  const { list, byCode } = usePlaces()
  const name = (code: string) => nameOf(byCode.get(code), 'name') || nameOf(divisions.find(row => row.code === code), 'name') || code
  const areas = useAreas(divisions)
  const tiles = list.filter(place => place.level === 3 && isFictional(place.code)).map(place => place.code)
  const inside = (code: string) => (city === undefined ? code.endsWith('00') : cityOf(code) === city && code !== city)
  const known = new Map(divisions.map(row => [row.code, row]))
  const rows = [...divisions.filter(row => inside(row.code)), ...list.filter(place => inside(place.code) && place.level === (city === undefined ? 2 : 3) && !known.has(place.code)).map(place => ({ division: String(place.id), code: place.code, name_zh: place.name_zh, name_en: place.name_en, level: 0, situation: null, origin: 'real', is_connected: false, field: null, new_count: null, series: null, last_rise: null, is_believed: true, is_fictional: place.is_fictional }))]
  const go = (code: string | undefined) => {
    if (code === undefined) search.delete('division')
    else search.set('division', code)
    setSearch(search)
    setChosen(undefined)
  }
  const choose = (code: string) => {
    if (chosen === code && city === undefined) go(cityOf(code))
    else setChosen(code)
  }
  return (
    <section className="places" aria-labelledby="places-title">
      <h2 id="places-title">{city === undefined ? say('ui.places_by_worst') : say('ui.places_of', { name: name(city) })}{city !== undefined && <button type="button" className="text-button" onClick={() => go(undefined)}>{say('ui.back_to_province')}</button>}</h2>
      <div className="places-both">
        <DivisionMap areas={areas} name={name} chosen={chosen} city={city} onChoose={choose} tiles={tiles} />
        <ul className="places-list" onKeyDown={walkLines} tabIndex={-1}>
          {rows.sort(byWorst).map(row => {
            const isDown = chosen === row.code || (chosen !== undefined && isFictional(chosen) && row.code === fictionalCity)
            const count = row.new_count === null || isFictional(row.code) ? undefined : row.is_believed ? say('ui.new_count', { count: row.new_count }) : say('ui.label_doubted', { value: row.new_count })
            const level = row.level > 0 ? say(`ui.level_${levelName[levelOf(row.level)]}`) : undefined
            const calm = row.last_rise === null || isFictional(row.code) ? say('ui.calm') : say('ui.no_rise_since', { day: dateText(row.last_rise, language()) })
            const words = !row.is_connected ? say('ui.not_connected') : level === undefined && row.is_believed ? calm : [level, count].filter(part => part !== undefined).join(' · ')
            return (
              <li key={row.code} className={isDown ? 'is-chosen' : ''}>
                <button type="button" data-line="" className={'place-row' + hatch(row.origin)} aria-pressed={isDown} onClick={() => choose(row.code)} onDoubleClick={() => go(cityOf(row.code))}>
                  {row.is_connected ? <LevelShape level={row.level} size={12} /> : <span className="dot-absent" aria-hidden="true" />}
                  <span className="place-name">{name(row.code)}{isFictional(row.code) && city === undefined ? say('ui.fictional_suffix') : ''}</span>
                  <span className={row.is_connected ? 'place-words' : 'place-words quiet'}>{words}</span>
                </button>
                {isDown && (
                  <span className="place-links">
                    {row.situation !== null && <Go to={`/situations/${row.situation}`}>{say('ui.open_situation')}</Go>}
                    {city === undefined && <button type="button" className="text-button" onClick={() => go(cityOf(row.code))}>{say('ui.show_counties')}</button>}
                  </span>
                )}
              </li>
            )
          })}
        </ul>
      </div>
    </section>
  )
}

export function Page() {
  const say = useText()
  const session = useSession()
  const [search] = useSearchParams()
  const [tab, setTab] = useState<'matters' | 'map' | 'fields'>('matters')
  const situations = useRows('/overview/situations')
  const divisions = useRows('/overview/divisions', { limit: 500 })
  const fields = useRows('/overview/fields')
  const foot = useRows('/overview/foot')
  const print = () => window.print()
  useKey('p', print)
  // A city's or a county's reader stands before their own city.
  const division = search.get('division') ?? session.data?.division_code
  const city = division === undefined || division.endsWith('0000') ? undefined : cityOf(division)
  const sheetReady = situations.data !== undefined && fields.data !== undefined && foot.data !== undefined && session.data !== undefined
  return (
    <>
      <div className="page overview">
        <Title text={say('ui.overview_title', { name: nameOf(session.data, 'division') })}>
          <Button onClick={print}>{say('ui.print_sheet')} <kbd>P</kbd></Button>
        </Title>
        <div className="tabs-phone" role="tablist" aria-label={say('ui.overview_parts')}>
          {(['matters', 'map', 'fields'] as const).map(part => <button key={part} type="button" role="tab" aria-selected={tab === part} onClick={() => setTab(part)}>{say(`ui.tab_${part}`)}</button>)}
        </div>
        <section className={'matters' + (tab === 'matters' ? ' is-shown' : '')} aria-label={say('ui.matters')} onKeyDown={walkLines}>
          <Await query={situations} lines={4} isEmpty={data => data.rows.length === 0} empty={<State picture="calm" title={say('ui.matters_none')}>{say('ui.matters_none_text')}</State>}>
            {data => <div className={`matters-row has-${data.rows.length}`}>{data.rows.slice(0, 3).map(row => <Matter key={row.id} row={row} />)}</div>}
          </Await>
        </section>
        <div className="overview-lower">
          <div className={'overview-map' + (tab === 'map' ? ' is-shown' : '')}><Await query={divisions} lines={8}>{data => <Places divisions={data.rows} city={city} />}</Await></div>
          <section className={'overview-fields' + (tab === 'fields' ? ' is-shown' : '')} aria-labelledby="fields-title">
            <h2 id="fields-title">{say('ui.fields_title')}</h2>
            <Await query={fields}>{data => <Fields rows={data.rows} />}</Await>
          </section>
        </div>
        <section className="overview-foot" aria-label={say('ui.foot_title')}><Await query={foot} lines={1}>{data => data.rows[0] !== undefined ? <FootLine row={data.rows[0]} /> : null}</Await></section>
      </div>
      {sheetReady && <Sheet session={session.data} situations={situations.data.rows} fields={fields.data.rows} foot={foot.data.rows[0]} sequence={situations.data.sequence} isInvented={situations.data.rows.some(row => isSimulated(row.origin))} />}
    </>
  )
}
