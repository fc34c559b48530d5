// SPDX-License-Identifier: GPL-3.0-or-later
//
// menu.tsx: the seven entries. Judgement opens into its pages; the key areas are folded and show how many notices are
// open. An entry whose part does not exist yet is there and says so on its page: nobody has to guess what is missing.
import { useState } from 'react'
import { NavLink } from 'react-router-dom'
import { useRows } from '../api/client'
import { useKept } from '../parts/go'
import { LevelShape, levelOf } from '../parts/level'
import { useText } from '../text'

const icons: Record<string, string> = {
  overview: 'M2 13 H14 M4 13 V8 M8 13 V3 M12 13 V6',
  today: 'M3 3 H13 V13 H3 Z M3 6.500 H13 M6 1.500 V4 M10 1.500 V4',
  plan: 'M4 2 H12 V14 H4 Z M6 5.500 H10 M6 8 H10 M6 10.500 H9',
  judgement: 'M1.500 11 L5 7 L8 9.500 L14.500 3 M11 3 H14.500 V6.500',
  decisions: 'M8 2 V14 M3 5 H13 M3 5 L1.500 9.500 H4.500 Z M13 5 L11.500 9.500 H14.500 Z',
  coordination: 'M4 4 L12 4 M4 4 L8 12 M12 4 L8 12',
  responsibility: 'M8 2 a2.500 2.500 0 1 0 .010 0 M3 14 q0 -5 5 -5 t5 5 Z',
  areas: 'M2.500 2.500 H7 V7 H2.500 Z M9 2.500 H13.500 V7 H9 Z M2.500 9 H7 V13.500 H2.500 Z M9 9 H13.500 V13.500 H9 Z',
  menu: 'M2 4 H14 M2 8 H14 M2 12 H14',
}

function Icon({ name }: { name: string }) {
  return <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.400" aria-hidden="true"><path d={icons[name]} /></svg>
}

// Key areas in the order of the plan; those with a pack in this version carry its field.
const areas = [
  { area: 'epidemic', key: 'ui.area_epidemic' }, { area: 'petition', key: 'ui.area_petition' }, { area: 'clues', key: 'ui.area_clues' },
  { area: 'finance', key: 'ui.area_finance' }, { area: 'safety', key: 'ui.area_safety' }, { area: 'employment', key: 'ui.area_employment' },
  { area: 'poverty', key: 'ui.area_poverty' }, { area: 'grassroots', key: 'ui.area_grassroots' }, { area: 'communication', key: 'ui.area_communication' },
]
const connected = new Set(['epidemic', 'petition', 'finance'])

function Areas({ onGo }: { onGo: () => void }) {
  const say = useText()
  const kept = useKept()
  const [isOpen, setOpen] = useState(false)
  const { data } = useRows('/notices', { is_open: true, limit: 500 })
  const open = data?.rows ?? []
  return (
    <li>
      <button type="button" className="menu-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="areas" /> <span>{say('ui.menu_areas')}</span>
        {data !== undefined && <span className="count" title={say('ui.open_notices', { count: open.length })}>{open.length}</span>}
      </button>
      {isOpen && (
        <ul className="menu-inner">
          {areas.map(({ area, key }) => {
            const own = open.filter(notice => notice.field === area)
            const worst = Math.max(0, ...own.map(notice => levelOf(notice.level)))
            return (
              <li key={area}>
                <NavLink to={kept(connected.has(area) ? `/notices?is_open=true&field=${area}` : `/areas/${area}`)} className={connected.has(area) ? '' : 'is-absent'} onClick={onGo} end>
                  <span>{say(key)}</span>
                  {own.length > 0 && <span className="count">{worst > 0 && <LevelShape level={worst} size={10} />}{own.length}</span>}
                </NavLink>
              </li>
            )
          })}
        </ul>
      )}
    </li>
  )
}

export function Menu({ isOpen, onGo }: { isOpen: boolean; onGo: () => void }) {
  const say = useText()
  const kept = useKept()
  const entry = (to: string, icon: string, key: string, isAbsent = false) => (
    <li><NavLink to={kept(to)} className={isAbsent ? 'is-absent' : ''} onClick={onGo} end={to === '/'}><Icon name={icon} /> <span>{say(key)}</span></NavLink></li>
  )
  const inner = (to: string, key: string) => <li><NavLink to={kept(to)} onClick={onGo}><span>{say(key)}</span></NavLink></li>
  return (
    <nav className={'menu' + (isOpen ? ' is-open' : '')} aria-label={say('ui.menu')}>
      <div className="menu-inside">
      <ul className="menu-first">{entry('/', 'overview', 'ui.menu_overview')}</ul>
      <ul>
        {entry('/today', 'today', 'ui.menu_today')}
        {entry('/plan', 'plan', 'ui.menu_plan', true)}
        <li>
          <span className="menu-title"><Icon name="judgement" /> <span>{say('ui.menu_judgement')}</span></span>
          <ul className="menu-inner">
            {inner('/situations', 'ui.menu_situations')}
            {inner('/notices', 'ui.menu_notices')}
            {inner('/series', 'ui.menu_series')}
            {inner('/import', 'ui.menu_import')}
          </ul>
        </li>
        {entry('/decisions', 'decisions', 'ui.menu_decisions', true)}
        {entry('/coordination', 'coordination', 'ui.menu_coordination', true)}
        {entry('/responsibility', 'responsibility', 'ui.menu_responsibility', true)}
        <Areas onGo={onGo} />
      </ul>
      </div>
    </nav>
  )
}

export function BottomBar({ onMenu, onGo }: { onMenu: () => void; onGo: () => void }) {
  const say = useText()
  const kept = useKept()
  const entry = (to: string, icon: string, key: string) => <NavLink to={kept(to)} onClick={onGo} end={to === '/'}><Icon name={icon} /><span>{say(key)}</span></NavLink>
  return (
    <nav className="bottom" aria-label={say('ui.menu_short')}>
      {entry('/', 'overview', 'ui.menu_overview')}
      {entry('/today', 'today', 'ui.menu_today')}
      {entry('/situations', 'judgement', 'ui.menu_situations')}
      <button type="button" onClick={onMenu}><Icon name="menu" /><span>{say('ui.menu_more')}</span></button>
    </nav>
  )
}
