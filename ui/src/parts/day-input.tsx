// SPDX-License-Identifier: GPL-3.0-or-later
//
// day-input.tsx: a day typed as 2020-07-22. The browser's own date field writes days the way the machine is set up, which
// would put 07/22/2020 on a Chinese office's page.
import { useId, useState } from 'react'
import { useText } from '../text'

const isDay = (typed: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(typed) && !Number.isNaN(Date.parse(typed)) && new Date(typed).toISOString().startsWith(typed)

export function DayInput({ label, value, onDay }: { label: string; value: string; onDay: (day: string) => void }) {
  const say = useText()
  const name = useId()
  const [typed, setTyped] = useState(value)
  const isWrong = typed !== '' && !isDay(typed)
  const take = (next: string) => {
    setTyped(next)
    if (isDay(next) && next !== value) onDay(next)
  }
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <input id={name} className="day" inputMode="numeric" autoComplete="off" placeholder="2020-07-22" value={typed} aria-invalid={isWrong} aria-describedby={isWrong ? name + 'fault' : undefined} onChange={event => take(event.target.value.normalize('NFKC').trim())} />
      {isWrong && <p id={name + 'fault'} className="cell-fault">{say('ui.day_malformed')}</p>}
    </div>
  )
}
