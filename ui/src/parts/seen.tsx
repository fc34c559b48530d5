// SPDX-License-Identifier: GPL-3.0-or-later
//
// seen.tsx: which levels above have the notice before them, and since when. Nobody below can withhold it.
import type { Seen } from '../api/shapes'
import { useText } from '../text'
import { Moment } from './time'

export function SeenAbove({ seen }: { seen: Seen[] }) {
  const say = useText()
  if (seen.length === 0) return <span className="quiet">{say('ui.seen_by_none')}</span>
  return <ul className="seen-list">{seen.map((row, i) => <li key={i}>{row.level !== '' && <>{row.level}: </>}<Moment at={row.time} /></li>)}</ul>
}
