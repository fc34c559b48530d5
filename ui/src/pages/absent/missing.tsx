// SPDX-License-Identifier: GPL-3.0-or-later
//
// missing.tsx: an address that leads nowhere.
import { Go } from '../../parts/go'
import { State } from '../../parts/states'
import { useText } from '../../text'

export function Page() {
  const say = useText()
  return <div className="page"><State picture="absent" title={say('ui.missing_title')} action={<Go className="plain-button" to="/">{say('ui.to_overview')}</Go>}>{say('ui.missing_text')}</State></div>
}
