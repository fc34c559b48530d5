// SPDX-License-Identifier: GPL-3.0-or-later
//
// top.tsx: division, moment, search, language, bell, user.
import { Button } from 'antd'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useNavigate, useSearchParams } from 'react-router-dom'
import { queryClient, signOut, useAsOf, useRows, useSession, type Session } from '../api/client'
import { dayOf, dayText } from '../format'
import { DayInput } from '../parts/day-input'
import { forgetDrafts } from '../parts/draft'
import { Go } from '../parts/go'
import { Level } from '../parts/level'
import { Deadline, useNow } from '../parts/time'
import { changeLanguage, language, nameOf, say as write, useText } from '../text'
import { changeTheme, useTheme } from '../theme'
import { PlaceSwitch } from './place-switch'
import { Search } from './search'

// A button with a panel under it: closes on Escape, on a click elsewhere and on going somewhere.
function Panel({ label, face, children, className = '' }: { label: string; face: ReactNode; children: (close: () => void) => ReactNode; className?: string }) {
  const [isOpen, setOpen] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!isOpen) return
    const elsewhere = (event: Event) => {
      if (place.current !== null && event.target instanceof Node && !place.current.contains(event.target)) setOpen(false)
    }
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      setOpen(false)
      button.current?.focus()
    }
    document.addEventListener('pointerdown', elsewhere)
    document.addEventListener('focusin', elsewhere)
    document.addEventListener('keydown', escape)
    return () => {
      document.removeEventListener('pointerdown', elsewhere)
      document.removeEventListener('focusin', elsewhere)
      document.removeEventListener('keydown', escape)
    }
  }, [isOpen])
  return (
    <div ref={place} className={'panel-place ' + className}>
      <button ref={button} type="button" className="top-button" aria-expanded={isOpen} aria-label={label} onClick={() => setOpen(!isOpen)}>{face}</button>
      {isOpen && <div className="panel">{children(() => setOpen(false))}</div>}
    </div>
  )
}

function Bell() {
  const say = useText()
  const { data } = useRows('/today', { limit: 100 })
  const urgent = (data?.rows ?? []).filter(row => row.bucket === 'overdue' || row.kind === 'notice')
  return (
    <Panel className="bell" label={say('ui.bell', { count: urgent.length })} face={<>
      <svg viewBox="0 0 16 16" width="18" height="18" fill="none" stroke="currentColor" strokeWidth="1.400" aria-hidden="true"><path d="M3 12 H13 L11.800 10 V7 a3.800 3.800 0 0 0 -7.600 0 V10 Z M6.700 14 H9.300" /></svg>
      {urgent.length > 0 && <span className="bell-count" aria-hidden="true">{urgent.length}</span>}
    </>}>
      {close => (
        <>
          <h2>{say('ui.bell_title')}</h2>
          {urgent.length === 0 && <p className="quiet">{say('ui.bell_empty')}</p>}
          <ul className="bell-list">
            {urgent.slice(0, 6).map(row => (
              <li key={row.id}>
                <Go to={row.notice !== null ? `/notices/${row.notice}` : '/today'} onClick={close}>
                  <Level level={row.level} /> {write(row.title)}
                </Go>
                <Deadline at={row.deadline_at} isShort />
              </li>
            ))}
          </ul>
          <Go to="/today" onClick={close}>{say('ui.bell_all')}</Go>
        </>
      )}
    </Panel>
  )
}

function User({ session }: { session: Session }) {
  const say = useText()
  const theme = useTheme()
  const navigate = useNavigate()
  const leave = async () => {
    await signOut()
    forgetDrafts()
    queryClient.clear()
    navigate('/signin')
  }
  return (
    <Panel className="user" label={say('ui.user_menu', { name: nameOf(session, 'post') || session.name })} face={<><span className="user-mark" data-letter={session.name.slice(0, 1).toUpperCase()} /><span className="user-post">{nameOf(session, 'post') || session.name}</span></>}>
      {close => (
        <>
          <p className="user-name"><strong>{nameOf(session, 'post')}</strong><br /><span className="quiet">{session.name} · {nameOf(session, 'division')} · {say(`ui.role_${session.role}`)}</span></p>
          <p className="quiet">{say('ui.ledger_number', { number: session.store.ledger })}</p>
          <button type="button" className="menu-line" onClick={() => changeTheme(theme === 'dark' ? 'light' : 'dark')}>{say(theme === 'dark' ? 'ui.theme_light' : 'ui.theme_dark')}</button>
          <Go className="menu-line" to="/administration" onClick={close}>{say('ui.menu_administration')}</Go>
          <button type="button" className="menu-line" onClick={() => void leave()}>{say('ui.sign_out')}</button>
        </>
      )}
    </Panel>
  )
}

function AsOf() {
  const say = useText()
  const now = useNow()
  const asOf = useAsOf()
  const { data: session } = useSession()
  const [search, setSearch] = useSearchParams()
  const shown = dayOf(asOf ?? now)
  const newest = Date.parse(dayOf(session !== undefined && session.store.kind !== 'live' ? session.store.time : Date.now()))
  const days = Array.from({ length: 10 }, (_, i) => new Date(newest - i * 86_400_000).toISOString().slice(0, 10))
  const choose = (day: string) => {
    if (day === '') search.delete('as_of')
    else search.set('as_of', `${day}T23:59:59+08:00`)
    setSearch(search)
  }
  return (
    <Panel className="as-of" label={say('ui.as_of_day', { day: dayText(shown, language()) })} face={<><span className="quiet">{say('ui.as_of')}</span> {dayText(shown, language())} <span aria-hidden="true">▾</span></>}>
      {close => (
        <>
          <p>{say('ui.as_of_about')}</p>
          <ul className="as-of-days">
            {days.map((day, i) => <li key={day}><button type="button" aria-pressed={day === shown} onClick={() => { choose(i === 0 ? '' : day); close() }}>{dayText(day, language())}{i === 0 && ' · ' + say('ui.slider_now')}</button></li>)}
          </ul>
          <DayInput label={say('ui.as_of_other')} value={shown} onDay={day => { choose(day); close() }} />
        </>
      )}
    </Panel>
  )
}

export function LanguageSwitch() {
  const other = language() === 'en' ? 'zh-CN' : 'en'
  const change = async () => {
    await changeLanguage(other)
    await queryClient.invalidateQueries()
  }
  return <button type="button" className="top-button language" lang={other} onClick={() => void change()}>{other === 'en' ? 'English' : '中文'}</button>
}

export function Top({ session, onMenu }: { session: Session; onMenu: () => void }) {
  const say = useText()
  return (
    <header className="top">
      <Button className="top-menu" type="text" aria-label={say('ui.menu')} onClick={onMenu}>
        <svg viewBox="0 0 16 16" width="18" height="18" fill="none" stroke="currentColor" strokeWidth="1.600" aria-hidden="true"><path d="M2 4 H14 M2 8 H14 M2 12 H14" /></svg>
      </Button>
      <Go className="brand" to="/" aria-label="levee 堤"><BrandMark /><span>levee <span lang="zh-CN">堤</span></span></Go>
      <PlaceSwitch session={session} />
      <AsOf />
      <Search />
      <span className="top-space" />
      <LanguageSwitch />
      <Bell />
      <User session={session} />
    </header>
  )
}

export function BrandMark() {
  return <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true"><rect width="32" height="32" rx="6" fill="#0f4d45" /><path d="M5 21.500 L12 12.500 L20 12.500 L27 21.500 Z" fill="#fff" /><path d="M5 25.500 q2.750 -2 5.500 0 t5.500 0 t5.500 0 t5.500 0" fill="none" stroke="#8fd3c4" strokeWidth="2" /></svg>
}
