// SPDX-License-Identifier: GPL-3.0-or-later
//
// record.tsx: how often a rule was right here, as counts and never as a lone percentage: one square a firing, filled where
// it came true. The sentence beside it says the same, from the server, as it was then known, and opens the firings. The
// record of the rule that gave the level comes first; the others stand folded under it.
import type { RuleRecord } from '../api/shapes'
import { useText } from '../text'
import { Go } from './go'

const mostSquares = 20
type About = { indicator: string; origin: string | null }

function Record({ record, about }: { record: RuleRecord; about: About }) {
  const say = useText()
  const squares = Math.min(mostSquares, record.fired)
  const said = record.said !== '' ? record.said : record.fired === 0 ? say('ui.record_never') : say('ui.record_counts', { fired: record.fired, came_true: record.cameTrue })
  const query = new URLSearchParams({ indicator: about.indicator, ...(about.origin === null ? {} : { origin: about.origin }), ...(record.before === '' ? {} : { before: record.before }) })
  return (
    <div className="record">
      {record.name !== '' && <span className="record-name">{record.name}</span>}
      <span className="squares" aria-hidden="true">{Array.from({ length: squares }, (_, i) => <span key={i} className={i < record.cameTrue ? 'square is-true' : 'square'} />)}</span>
      {record.fired === 0 ? <span>{said}</span> : <Go to={`/rules/${encodeURIComponent(record.rule)}?${query}`}>{said}</Go>}
    </div>
  )
}

export function Records({ records, about }: { records: RuleRecord[]; about: About }) {
  const say = useText()
  const [first, ...others] = records
  if (first === undefined) return <p className="quiet">{say('ui.record_none')}</p>
  return (
    <>
      <Record record={first} about={about} />
      {others.length > 0 && <details className="records-more"><summary>{say('ui.records_more', { count: others.length })}</summary>{others.map(record => <Record key={record.rule} record={record} about={about} />)}</details>}
    </>
  )
}
