// SPDX-License-Identifier: GPL-3.0-or-later
//
// due.tsx: the figures that are due, as small sheets: one a figure and period, a line a place. What levee holds is filled
// in and need not be typed; typing over it corrects it. A column copied in a spreadsheet runs down from the cell into
// which it is pasted; with the places' names in its first column each figure goes to its place. Arrows and Enter go from
// cell to cell. What is wrong is said in the cell, and only what is right is sent.
import { Button } from 'antd'
import { useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { ApiFault, runCommand, type Row } from '../../api/client'
import { dayOf, numberText, periodText, readFigure, shortDayText } from '../../format'
import { hatch, Origin } from '../../parts/level'
import { Deadline } from '../../parts/time'
import { unitText } from '../../parts/unit'
import { language, nameOf, useText, type Say } from '../../text'

type Due = Row<'/today/due'>
type Cell = { typed: string; fault?: string | undefined; isKept?: boolean; id: string }
type Sheet = { key: string; rows: Due[] }

const keyOf = (row: Due) => `${row.series} ${row.period}`
const isOpen = (row: Due) => !row.is_held
const valueOf = (row: Due) => (row.value === null || row.value === undefined ? '' : String(row.value))

function faultOf(typed: string, row: Due, say: Say): string | undefined {
  const value = readFigure(typed)
  if (value === undefined) return say('ui.figure_malformed', { value: typed.slice(0, 20) })
  if (value < 0) return say('ui.figure_negative')
  const decimals = String(readFigure(typed)).split('.')[1]?.length ?? 0
  return decimals > row.decimals ? say('ui.figure_decimals', { count: row.decimals }) : undefined
}

// One sheet for an indicator and a period; those with something open first, and the open lines first in them.
function sheetsOf(rows: Due[]): Sheet[] {
  const sheets = new Map<string, Due[]>()
  for (const row of rows) {
    const key = `${row.indicator_zh} ${row.period}`
    sheets.set(key, [...(sheets.get(key) ?? []), row])
  }
  const openIn = (list: Due[]) => list.filter(isOpen).length
  return [...sheets].map(([key, list]) => ({ key, rows: list })).sort((a, b) => Number(openIn(b.rows) > 0) - Number(openIn(a.rows) > 0))
}

// What was copied, line by line: the figure is the last cell; a first cell that names a place leads to its line.
function spread(text: string, rows: Due[], at: number): { changes: Map<Due, string>; lost: number } {
  const changes = new Map<Due, string>()
  let next = at
  let lost = 0
  for (const line of text.replace(/\r/g, '').replace(/\n+$/, '').split('\n')) {
    const cells = line.split('\t').map(cell => cell.trim())
    const named = cells.length > 1 ? rows.find(row => row.division_zh === cells[0] || row.division_en === cells[0]) : undefined
    const row = named ?? rows[next]
    next = row === undefined ? next + 1 : rows.indexOf(row) + 1
    if (row === undefined) lost++
    else changes.set(row, cells[cells.length - 1] ?? '')
  }
  return { changes, lost }
}

export function DueFigures({ rows }: { rows: Due[] }) {
  const say = useText()
  const client = useQueryClient()
  const place = useRef<HTMLFormElement>(null)
  const startedAt = useRef<number | undefined>(undefined)
  const [cells, setCells] = useState<Record<string, Cell>>({})
  const [lost, setLost] = useState(0)
  const [isBusy, setBusy] = useState(false)
  const put = (changes: Map<Due, string>) => {
    startedAt.current ??= Date.now()
    const next = { ...cells }
    for (const [row, typed] of changes) next[keyOf(row)] = { typed, fault: typed.trim() === '' || typed === valueOf(row) ? undefined : faultOf(typed, row, say), id: crypto.randomUUID() }
    setCells(next)
  }
  const paste = (event: ClipboardEvent, sheet: Sheet, at: number) => {
    const text = event.clipboardData.getData('text')
    if (!/[\n\t]/.test(text.trimEnd())) return
    event.preventDefault()
    const found = spread(text, sheet.rows, at)
    setLost(found.lost)
    put(found.changes)
  }
  const walk = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === 'ArrowDown' || event.key === 'Enter' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    const inputs = [...(place.current?.querySelectorAll<HTMLInputElement>('.due-cell input') ?? [])]
    const to = inputs[inputs.indexOf(event.currentTarget) + step]
    if (to === undefined) return
    event.preventDefault()
    to.focus()
    to.select()
  }
  const ready = rows.filter(row => {
    const cell = cells[keyOf(row)]
    return cell !== undefined && cell.typed.trim() !== '' && cell.typed !== valueOf(row) && cell.fault === undefined && cell.isKept !== true
  })
  const send = async () => {
    setBusy(true)
    // The minutes that this took, counted once: the burden on those who were asked.
    let minutes = Math.min(600, Math.max(1, Math.ceil((Date.now() - (startedAt.current ?? Date.now())) / 60_000)))
    for (const row of ready) {
      const cell = cells[keyOf(row)]
      if (cell === undefined) continue
      try {
        await runCommand('readings.type', { series: row.series, period: row.period, value: String(readFigure(cell.typed)), minutes }, cell.id)
        setCells(now => ({ ...now, [keyOf(row)]: { ...cell, isKept: true } }))
        minutes = 0
      } catch (error) {
        const words = error instanceof ApiFault && error.message !== '' ? error.message : say('ui.act_unsent')
        setCells(now => ({ ...now, [keyOf(row)]: { ...cell, fault: words } }))
      }
    }
    startedAt.current = undefined
    setBusy(false)
    await client.invalidateQueries()
  }
  const faults = rows.filter(row => cells[keyOf(row)]?.fault !== undefined).length
  return (
    <form ref={place} className="due" onSubmit={event => { event.preventDefault(); void send() }}>
      <p className="quiet">{say('ui.due_paste')}</p>
      {faults > 0 && <p className="form-fault" role="alert">{say('ui.due_faults', { count: faults })}</p>}
      {lost > 0 && <p className="form-fault" role="alert">{say('ui.due_lost', { count: lost })}</p>}
      {sheetsOf(rows).map((sheet, k) => {
        const first = sheet.rows[0]!
        const open = sheet.rows.filter(isOpen).length
        const sources = new Set(sheet.rows.map(row => nameOf(row, 'source')))
        const source = sources.size === 1 && open === 0 ? nameOf(first, 'source') : undefined
        return (
          <details key={sheet.key} className={'due-sheet' + hatch(first.origin)} open={open > 0 || sheet.rows.some(row => cells[keyOf(row)] !== undefined)}>
            <summary>{nameOf(first, 'indicator')} · {periodText(first.period, language())} <Origin origin={first.origin} /></summary>
            <p className="quiet">{unitText(first.unit, say)} · {open > 0 ? <>{say('ui.due_open', { count: open })} <Deadline at={first.due_at} /></> : say('ui.due_complete')}{source !== undefined && <> · {source}</>}</p>
            <ul>
              {sheet.rows.map((row, i) => {
                const key = keyOf(row)
                const cell = cells[key]
                const name = `due-${k}-${i}`
                return (
                  <li key={key}>
                    <span className="due-cell">
                      <label htmlFor={name}>{nameOf(row, 'division')}</label>
                      <input id={name} inputMode="decimal" autoComplete="off" value={cell?.typed ?? valueOf(row)} className={cell?.fault !== undefined ? 'is-wrong' : cell?.isKept === true ? 'is-kept' : ''} aria-invalid={cell?.fault !== undefined} aria-describedby={name + '-said'} onKeyDown={walk} onChange={event => put(new Map([[row, event.target.value]]))} onPaste={event => paste(event, sheet, i)} />
                      <span id={name + '-said'} className={cell?.fault !== undefined ? 'cell-fault' : cell?.isKept === true ? 'cell-kept' : 'quiet'} role={cell?.isKept === true ? 'status' : undefined}>
                        {cell?.fault !== undefined ? cell.fault : cell?.isKept === true ? say('ui.figure_kept', { value: numberText(readFigure(cell.typed) ?? 0, language()) }) : cell !== undefined && cell.typed !== valueOf(row) ? say('ui.figure_unsent') : row.is_held ? <>{source === undefined && nameOf(row, 'source')} {shortDayText(dayOf(row.known_at ?? ''), language())}</> : say('ui.figure_open')}
                      </span>
                    </span>
                  </li>
                )
              })}
            </ul>
          </details>
        )
      })}
      <p className="quiet">{say('ui.due_next')}</p>
      <Button type="primary" htmlType="submit" loading={isBusy} disabled={ready.length === 0}>{ready.length === 0 ? say('ui.due_send_none') : say('ui.due_send', { count: ready.length })}</Button>
    </form>
  )
}
