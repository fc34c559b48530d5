// SPDX-License-Identifier: GPL-3.0-or-later
//
// place-switch.tsx: province › city › county › township, of what the reader may see. The choice stands in the address
// (division=210200) and narrows the lists and the map. What lies below a place is asked for when the place is chosen.
import { useMemo, useState } from 'react'
import { useSearchParams } from 'react-router-dom'
import type { Session } from '../api/client'
import { Dialog } from '../parts/dialog'
import { isFictional, useBelow, usePlaces, type Place } from '../parts/places'
import { nameOf, useText } from '../text'

export function PlaceSwitch({ session }: { session: Session }) {
  const say = useText()
  const [search, setSearch] = useSearchParams()
  const [isOpen, setOpen] = useState(false)
  const { list, byCode } = usePlaces()
  const chosen = search.get('division') ?? session.division_code
  const place = byCode.get(chosen)
  const path = useMemo(() => {
    const up: Place[] = []
    const byId = new Map(list.map(row => [row.id, row]))
    for (let at = place; at !== undefined && up.length < 5; at = at.parent === null ? undefined : byId.get(at.parent)) up.unshift(at)
    return up
  }, [list, place])
  const below = useBelow(place, isOpen)
  const choose = (code: string, isLast: boolean) => {
    if (code === session.division_code) search.delete('division')
    else search.set('division', code)
    setSearch(search)
    if (isLast) setOpen(false)
  }
  const label = (row: Place) => nameOf(row, 'name') + (isFictional(row.code) && row.level === 2 ? say('ui.fictional_suffix') : '')
  return (
    <>
      <button type="button" className="top-button place" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <span className="place-path">{path.length > 0 ? path.map(row => nameOf(row, 'name')).join(' › ') : nameOf(session, 'division')}</span> <span aria-hidden="true">▾</span>
      </button>
      <Dialog title={say('ui.place_choose')} isOpen={isOpen} onClose={() => setOpen(false)}>
        <p className="place-now">
          {path.map((row, i) => (
            <span key={row.code}>{i > 0 && ' › '}<button type="button" className="text-button" onClick={() => choose(row.code, false)}>{label(row)}</button></span>
          ))}
        </p>
        {below === undefined && <p className="quiet" aria-busy="true">{say('ui.loading')}</p>}
        {below?.length === 0 && <p className="quiet">{say('ui.place_lowest')}</p>}
        <ul className="place-list">
          {(below ?? []).map(row => <li key={row.code}><button type="button" className="text-button" onClick={() => choose(row.code, !row.has_children)}>{label(row)}</button></li>)}
        </ul>
        <div className="buttons"><button type="button" className="plain-button" onClick={() => setOpen(false)}>{say('ui.close')}</button></div>
      </Dialog>
    </>
  )
}
