// SPDX-License-Identifier: GPL-3.0-or-later
//
// record.tsx: how often a rule was right here, as counts and never as a lone percentage: one square a firing, filled where
// it came true. The sentence beside it says the same, from the server, as it was then known.
import type { RuleRecord } from '../api/shapes'
import { useText } from '../text'

const mostSquares = 20

export function Record({ record }: { record: RuleRecord }) {
  const say = useText()
  const squares = Math.min(mostSquares, record.fired)
  return (
    <div className="record">
      {record.name !== '' && <span className="record-name">{record.name}</span>}
      <span className="squares" aria-hidden="true">{Array.from({ length: squares }, (_, i) => <span key={i} className={i < record.cameTrue ? 'square is-true' : 'square'} />)}</span>
      <span>{record.said !== '' ? record.said : record.fired === 0 ? say('ui.record_never') : say('ui.record_counts', { fired: record.fired, came_true: record.cameTrue })}</span>
    </div>
  )
}
