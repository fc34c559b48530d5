// SPDX-License-Identifier: GPL-3.0-or-later
//
// absent.tsx: the page of a part that this version does not have. It says what the part will hold and where that work is
// done until then, so that nobody takes an empty page for an empty register.
import { useLocation, useParams } from 'react-router-dom'
import { Go } from '../../parts/go'
import { Title } from '../../parts/title'
import { State } from '../../parts/states'
import { useText } from '../../text'

const parts: Record<string, readonly [string, string]> = {
  plan: ['ui.menu_plan', 'ui.absent_plan'],
  decisions: ['ui.menu_decisions', 'ui.absent_decisions'],
  coordination: ['ui.menu_coordination', 'ui.absent_coordination'],
  responsibility: ['ui.menu_responsibility', 'ui.absent_responsibility'],
  administration: ['ui.menu_administration', 'ui.absent_administration'],
  clues: ['ui.area_clues', 'ui.absent_area'],
  safety: ['ui.area_safety', 'ui.absent_area'],
  employment: ['ui.area_employment', 'ui.absent_area'],
  poverty: ['ui.area_poverty', 'ui.absent_area'],
  grassroots: ['ui.area_grassroots', 'ui.absent_area'],
  communication: ['ui.area_communication', 'ui.absent_area'],
}

export function Page() {
  const say = useText()
  const { area } = useParams()
  const location = useLocation()
  const [title, about] = parts[area ?? location.pathname.slice(1)] ?? ['ui.missing_title', 'ui.missing_text']
  return (
    <div className="page">
      <Title text={say(title)} />
      <State picture="absent" title={say('ui.absent_title')} action={<Go className="plain-button" to="/">{say('ui.to_overview')}</Go>}>{say(about)}</State>
    </div>
  )
}
