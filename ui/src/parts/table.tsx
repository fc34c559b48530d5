// SPDX-License-Identifier: GPL-3.0-or-later
//
// table.tsx: a list that the server pages and sorts. Which columns, which order and which filters stand in the address, so
// that a link shows the same list. On a phone each row becomes a card. Rows come by the server's cursor, so the millionth
// costs what the first costs.
import { Button } from 'antd'
import { useState, type ReactNode } from 'react'
import { useNavigate, useSearchParams } from 'react-router-dom'
import { useKept } from './go'
import { walkLines } from './keys'
import { useText } from '../text'

export type Column<R> = { name: string; title: string; cell: (row: R) => ReactNode; sort?: string; isRight?: boolean; isFirst?: boolean; isShort?: boolean }
type Props<R> = { label: string; columns: Column<R>[]; rows: R[]; keyOf: (row: R) => string; to: (row: R) => string; hasMore: boolean; onMore: () => void; isMoreBusy: boolean; kindOf?: (row: R) => string }

// Hidden columns in the address: hide=state,unit.
export function useHidden(): [Set<string>, (name: string) => void] {
  const [search, setSearch] = useSearchParams()
  const hidden = new Set((search.get('hide') ?? '').split(',').filter(name => name !== ''))
  const turn = (name: string) => {
    if (hidden.has(name)) hidden.delete(name)
    else hidden.add(name)
    if (hidden.size === 0) search.delete('hide')
    else search.set('hide', [...hidden].join(','))
    setSearch(search, { replace: true })
  }
  return [hidden, turn]
}

export function ColumnChoice<R>({ columns }: { columns: Column<R>[] }) {
  const say = useText()
  const [hidden, turn] = useHidden()
  const [isOpen, setOpen] = useState(false)
  return (
    <span className="column-choice">
      <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{say('ui.columns')}</Button>
      {isOpen && (
        <fieldset className="panel">
          <legend>{say('ui.columns')}</legend>
          {columns.filter(column => column.isFirst !== true).map(column => (
            <label key={column.name} className="choice"><input type="checkbox" checked={!hidden.has(column.name)} onChange={() => turn(column.name)} /> {column.title}</label>
          ))}
        </fieldset>
      )}
    </span>
  )
}

export function Table<R>({ label, columns, rows, keyOf, to, hasMore, onMore, isMoreBusy, kindOf }: Props<R>) {
  const say = useText()
  const navigate = useNavigate()
  const kept = useKept()
  const [search, setSearch] = useSearchParams()
  const [hidden] = useHidden()
  const shown = columns.filter(column => !hidden.has(column.name))
  const order = search.get('sort') ?? ''
  const setOrder = (wanted: string) => {
    if (wanted === '') search.delete('sort')
    else search.set('sort', wanted)
    setSearch(search, { replace: true })
  }
  const sortBy = (name: string) => setOrder(order === name ? '-' + name : order === '-' + name ? '' : name)
  const sortable = shown.filter(column => column.sort !== undefined)
  return (
    <>
      {sortable.length > 0 && (
        <label className="sort-choice">
          <span>{say('ui.sort_by')}</span>
          <select value={order} onChange={event => setOrder(event.target.value)}>
            <option value="">{say('ui.sort_usual')}</option>
            {sortable.flatMap(column => ['', '-'].map(minus => <option key={minus + column.sort} value={minus + column.sort}>{column.title} {minus === '' ? '▲' : '▼'}</option>))}
          </select>
        </label>
      )}
      <table className="list" aria-label={label} onKeyDown={walkLines}>
        <thead>
          <tr>
            {shown.map(column => {
              const direction = order === column.sort ? 'ascending' : order === '-' + column.sort ? 'descending' : 'none'
              return (
                <th key={column.name} scope="col" className={column.isRight === true ? 'right' : ''} aria-sort={column.sort === undefined ? undefined : direction}>
                  {column.sort === undefined ? column.title : <button type="button" className="sort" onClick={() => sortBy(column.sort ?? '')}>{column.title}<span className="sort-mark" aria-hidden="true">{direction === 'ascending' ? '▲' : direction === 'descending' ? '▼' : '↕'}</span></button>}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={keyOf(row)} className={kindOf?.(row) ?? ''} onClick={event => { if (!(event.target instanceof Element) || event.target.closest('a,button') === null) navigate(kept(to(row))) }}>
              {shown.map(column => <td key={column.name} data-title={column.title} data-short={column.isShort} className={(column.isRight === true ? 'right ' : '') + (column.isFirst === true ? 'first' : '')}>{column.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="list-end">
        {say('ui.rows_shown', { count: rows.length })} {hasMore && <Button loading={isMoreBusy} onClick={onMore}>{say('ui.more_rows')}</Button>}
      </p>
    </>
  )
}
