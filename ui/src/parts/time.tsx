// SPDX-License-Identifier: GPL-3.0-or-later
//
// time.tsx: business time on the page. A replay's clock stands where its last morning put it; a live store's clock is the
// machine's. Deadlines are told from it in words, and overdue is said as a word, not only in red.
import { useAsOf, useSession } from '../api/client'
import { spanOf, timeText, dayText } from '../format'
import { language, useText, type Say } from '../text'

export function useNow(): number {
  const asOf = useAsOf()
  const { data } = useSession()
  if (asOf !== undefined) return Date.parse(asOf)
  return data !== undefined && data.store.kind !== 'live' ? Date.parse(data.store.time) : Date.now()
}

const left = { day: ['ui.left_day', 'ui.left_days'], hour: ['ui.left_hour', 'ui.left_hours'], minute: ['ui.left_minute', 'ui.left_minutes'] } as const
const over = { day: ['ui.over_day', 'ui.over_days'], hour: ['ui.over_hour', 'ui.over_hours'], minute: ['ui.over_minute', 'ui.over_minutes'] } as const
const ago = { day: ['ui.ago_day', 'ui.ago_days'], hour: ['ui.ago_hour', 'ui.ago_hours'], minute: ['ui.ago_minute', 'ui.ago_minutes'] } as const

function words(say: Say, table: typeof left | typeof over | typeof ago, milliseconds: number): string {
  const { key, count } = spanOf(milliseconds)
  return say(table[key][count === 1 ? 0 : 1], { count })
}

export function Deadline({ at, isShort = false }: { at: string | null | undefined; isShort?: boolean }) {
  const say = useText()
  const now = useNow()
  if (at === null || at === undefined) return <span className="quiet">{say('ui.no_deadline')}</span>
  const rest = Date.parse(at) - now
  return (
    <span className={rest < 0 ? 'deadline is-overdue' : rest < 2 * 3600_000 ? 'deadline is-near' : 'deadline'}>
      <strong>{rest < 0 ? words(say, over, rest) : words(say, left, rest)}</strong>
      {!isShort && <time dateTime={at}> {timeText(at, language())}</time>}
    </span>
  )
}

// A moment in the past; with its age when the age matters.
export function Moment({ at, hasAge = false }: { at: string | null | undefined; hasAge?: boolean }) {
  const say = useText()
  const now = useNow()
  if (at === null || at === undefined) return <span className="quiet">{say('ui.unknown')}</span>
  const isDay = at.length === 10
  return (
    <time dateTime={at}>
      {isDay ? dayText(at, language()) : timeText(at, language())}
      {hasAge && !isDay && <span className="quiet"> {words(say, ago, now - Date.parse(at))}</span>}
    </time>
  )
}
