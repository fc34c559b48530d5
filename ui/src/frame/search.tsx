// SPDX-License-Identifier: GPL-3.0-or-later
//
// search.tsx: finds pages and divisions, and nothing else: levee has no search across people. A combobox as the ARIA
// practices describe it; "/" leads into it.
import { useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useNavigate } from 'react-router-dom'
import { useKept } from '../parts/go'
import { useKey } from '../parts/keys'
import { usePlaces } from '../parts/places'
import { nameOf, useText } from '../text'

const pages = [
  ['/', 'ui.menu_overview'], ['/today', 'ui.menu_today'], ['/situations', 'ui.menu_situations'], ['/notices', 'ui.menu_notices'], ['/series', 'ui.menu_series'], ['/import', 'ui.menu_import'],
  ['/plan', 'ui.menu_plan'], ['/decisions', 'ui.menu_decisions'], ['/coordination', 'ui.menu_coordination'], ['/responsibility', 'ui.menu_responsibility'], ['/administration', 'ui.menu_administration'],
] as const

export function Search() {
  const say = useText()
  const navigate = useNavigate()
  const kept = useKept()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const { list } = usePlaces()
  const input = useRef<HTMLInputElement>(null)
  const name = useId()
  useKey('/', () => input.current?.focus())
  const found = useMemo(() => {
    const wanted = typed.trim().toLowerCase()
    if (wanted === '') return []
    const all = [
      ...pages.map(([to, key]) => ({ to, label: say(key), also: to, kind: say('ui.search_page') })),
      ...list.map(place => ({ to: `/notices?division=${place.code}`, label: nameOf(place, 'name'), also: `${place.code} ${place.name_zh} ${place.name_en ?? ''}`, kind: say('ui.search_division') })),
    ]
    return all.filter(row => row.label.toLowerCase().includes(wanted) || row.also.toLowerCase().includes(wanted)).slice(0, 8)
  }, [typed, list, say])
  const go = (to: string) => {
    setTyped('')
    input.current?.blur()
    navigate(kept(to))
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, at + 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1))
    else if (event.key === 'Enter' && found[at] !== undefined) go(found[at].to)
    else if (event.key === 'Escape') setTyped('')
    else return
    event.preventDefault()
  }
  return (
    <div className="search">
      <input ref={input} type="search" role="combobox" aria-label={say('ui.search')} placeholder={say('ui.search_hint')} aria-expanded={found.length > 0} aria-controls={name} aria-autocomplete="list" aria-activedescendant={found.length > 0 ? `${name}-${at}` : undefined} value={typed} onChange={event => { setTyped(event.target.value); setAt(0) }} onKeyDown={onKey} onBlur={() => setTyped('')} />
      {found.length > 0 && (
        <ul id={name} role="listbox" aria-label={say('ui.search')} className="search-list">
          {found.map((row, i) => (
            <li key={row.to + row.label} id={`${name}-${i}`} role="option" aria-selected={i === at} onMouseDown={event => { event.preventDefault(); go(row.to) }}>
              <span>{row.label}</span> <span className="quiet">{row.kind}</span>
            </li>
          ))}
        </ul>
      )}
      {typed.trim() !== '' && found.length === 0 && <p className="search-list search-none" role="status">{say('ui.search_none')}</p>}
    </div>
  )
}
