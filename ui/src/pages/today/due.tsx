// SPDX-License-Identifier: GPL-3.0-or-later
//
// due.tsx: the figures that are due, one cell each, filled in where levee already holds them. A column copied in a
// spreadsheet can be pasted into any cell: its lines go down from there. What is wrong is said in the cell.
import { Button } from 'antd'
import { useState, type ClipboardEvent } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { ApiFault, runCommand, type Row } from '../../api/client'
import { numberText, periodText, readFigure } from '../../format'
import { hatch, Origin } from '../../parts/level'
import { Deadline } from '../../parts/time'
import { unitText } from '../../parts/unit'
import { language, nameOf, useText, type Say } from '../../text'

type Due = Row<'/today/due'>
type Cell = { typed: string; fault?: string; isKept?: boolean; id: string }

const keyOf = (row: Due) => `${row.series} ${row.period}`

function faultOf(typed: string, say: Say): string | undefined {
  const value = readFigure(typed)
  if (value === undefined) return say('ui.figure_malformed', { value: typed.slice(0, 20) })
  return value < 0 ? say('ui.figure_negative') : undefined
}

export function DueFigures({ rows }: { rows: Due[] }) {
  const say = useText()
  const client = useQueryClient()
  const [cells, setCells] = useState<Record<string, Cell>>({})
  const [isBusy, setBusy] = useState(false)
  const put = (changes: Record<string, string>) => {
    const next = { ...cells }
    for (const [key, typed] of Object.entries(changes)) next[key] = { typed, fault: typed.trim() === '' ? undefined : faultOf(typed, say), id: crypto.randomUUID() }
    setCells(next)
  }
  const paste = (event: ClipboardEvent, at: number) => {
    const lines = event.clipboardData.getData('text').replace(/\r/g, '').replace(/\n$/, '').split('\n')
    if (lines.length < 2 && !lines[0]?.includes('\t')) return
    event.preventDefault()
    const changes: Record<string, string> = {}
    lines.forEach((line, i) => {
      const row = rows[at + i]
      if (row !== undefined) changes[keyOf(row)] = line.split('\t').pop() ?? ''
    })
    put(changes)
  }
  const ready = rows.filter(row => {
    const cell = cells[keyOf(row)]
    return cell !== undefined && cell.typed.trim() !== '' && cell.fault === undefined && cell.isKept !== true
  })
  const send = async () => {
    setBusy(true)
    for (const row of ready) {
      const cell = cells[keyOf(row)]
      if (cell === undefined) continue
      try {
        await runCommand('readings.type', { series: row.series, period: row.period, value: String(readFigure(cell.typed)) }, cell.id)
        setCells(now => ({ ...now, [keyOf(row)]: { ...cell, isKept: true } }))
      } catch (error) {
        const words = error instanceof ApiFault && error.message !== '' ? error.message : say('ui.act_unsent')
        setCells(now => ({ ...now, [keyOf(row)]: { ...cell, fault: words } }))
      }
    }
    setBusy(false)
    await client.invalidateQueries()
  }
  const faults = rows.filter(row => cells[keyOf(row)]?.fault !== undefined).length
  return (
    <form className="due" onSubmit={event => { event.preventDefault(); void send() }}>
      <p className="quiet">{say('ui.due_paste')}</p>
      {faults > 0 && <p className="form-fault" role="alert">{say('ui.due_faults', { count: faults })}</p>}
      <ul>
        {rows.map((row, i) => {
          const key = keyOf(row)
          const cell = cells[key]
          const name = `due-${i}`
          return (
            <li key={key} className={hatch(row.origin).trim()}>
              <label htmlFor={name}>{nameOf(row, 'division')} · {nameOf(row, 'indicator')} <Origin origin={row.origin} /><span className="quiet">{periodText(row.period, language())}{nameOf(row, 'source') !== '' && <> · {nameOf(row, 'source')}</>}</span></label>
              <span className="due-cell">
                <input id={name} inputMode="decimal" autoComplete="off" value={cell?.typed ?? (row.value === null || row.value === undefined ? '' : String(row.value))} className={cell?.fault !== undefined ? 'is-wrong' : cell?.isKept === true ? 'is-kept' : ''} aria-invalid={cell?.fault !== undefined} aria-describedby={cell?.fault !== undefined ? name + '-fault' : undefined} onChange={event => put({ [key]: event.target.value })} onPaste={event => paste(event, i)} />
                <span className="quiet">{unitText(row.unit, say)}</span>
              </span>
              {cell?.fault !== undefined && <p id={name + '-fault'} className="cell-fault">{cell.fault}</p>}
              {cell?.isKept === true && <p className="cell-kept" role="status">{say('ui.figure_kept', { value: numberText(readFigure(cell.typed) ?? 0, language()) })}</p>}
              <Deadline at={row.due_at} isShort />
            </li>
          )
        })}
      </ul>
      <p className="quiet">{say('ui.due_next')}</p>
      <Button type="primary" htmlType="submit" loading={isBusy} disabled={ready.length === 0}>{ready.length === 0 ? say('ui.due_send_none') : say('ui.due_send', { count: ready.length })}</Button>
    </form>
  )
}
